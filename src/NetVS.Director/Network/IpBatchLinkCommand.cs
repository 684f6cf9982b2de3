using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary><c>link set|add|del</c>.</summary>
internal sealed class IpBatchLinkCommand(IpBatchModel model, IpBatchLine line) : IpBatchCommand(model, line)
{
    public override void Execute()
    {
        string verb = Line.Take("set, add or del");
        switch (verb)
        {
            case "set": Set(); break;
            case "add": Add(); break;
            case "del" or "delete": Delete(); break;
            default: throw Line.Wrong($"unknown command 'link {verb}': use set, add or del");
        }
    }

    private void Set()
    {
        Line.TryTake("dev");
        string name = Line.Take("an interface");
        CheckName(name);
        NetworkInterface? known = Model.Links.GetValueOrDefault(name);
        NetworkInterface changed = known ?? new NetworkInterface(0, name, default, 1500, true);
        bool hasMac = known is not null;
        bool hasCarrier = changed.IsUp || !changed.IsAdministrativelyUp;
        while (!Line.IsAtEnd)
        {
            string word = Line.Take("a word");
            switch (word)
            {
                case "address":
                    changed = changed with { Mac = Line.TakeMac() };
                    hasMac = true;
                    break;
                case "mtu": changed = changed with { IpMtu = Line.TakeNumber("MTU", 68, 65536) }; break;
                case "up": changed = changed with { IsAdministrativelyUp = true }; break;
                case "down": changed = changed with { IsAdministrativelyUp = false }; break;
                case "carrier": hasCarrier = TakeOnOff(); break;
                default: throw Line.Wrong($"unknown word '{word}' in 'link set': use address, mtu, up, down or carrier");
            }
        }

        NetworkInterface link = known ?? Model.AddLink(name);
        Model.Links[name] = changed with
        {
            Index = link.Index,
            Mac = hasMac ? changed.Mac : link.Mac,
            IsUp = changed.IsAdministrativelyUp && hasCarrier,
        };
    }

    private void Add()
    {
        NetworkInterface? parent = null;
        string? name = null;
        string? type = null;
        int vlanId = 0;
        int ipMtu = 0;
        MacAddress? mac = null;
        while (!Line.IsAtEnd)
        {
            string word = Line.Take("a word");
            switch (word)
            {
                case "link": parent = TakeInterface(); break;
                case "name" or "dev": name = TakeNewName(Line.Take("a name")); break;
                case "address": mac = Line.TakeMac(); break;
                case "mtu": ipMtu = Line.TakeNumber("MTU", 68, 65536); break;
                case "up": break;
                case "type": type = Line.Take("a type"); break;
                case "id" when type == "vlan": vlanId = Line.TakeNumber("VLAN id", 1, 4094); break;
                default:
                    if (name is not null || type is not null) throw Line.Wrong($"unknown word '{word}' in 'link add'");
                    name = TakeNewName(word);
                    break;
            }
        }

        if (name is null) throw Line.Wrong("'link add' without a name: give 'name NAME'");
        if (type is null) throw Line.Wrong("'link add' without a type: give 'type vlan id N' or, for a plain interface, 'type dummy'");
        if (type == "vlan" && parent is null) throw Line.Wrong("a VLAN device needs the interface below: give 'link NAME' first");
        if (type == "vlan" && vlanId == 0) throw Line.Wrong("a VLAN device needs its id: give 'type vlan id N'");
        if (type == "vlan" && Model.Links.Values.Any(l => l.ParentIndex == parent!.Index && l.VlanId == vlanId))
            throw Line.Wrong($"'{parent!.Name}' has a VLAN device with id {vlanId} already");
        NetworkInterface made = Model.AddLink(name);
        if (type == "vlan") made = made with { Mac = parent!.Mac, IpMtu = parent.IpMtu, ParentIndex = parent.Index, VlanId = (ushort)vlanId };
        Model.Links[name] = made with { Mac = mac ?? made.Mac, IpMtu = ipMtu > 0 ? ipMtu : made.IpMtu };
    }

    private void Delete()
    {
        Line.TryTake("dev");
        NetworkInterface link = TakeInterface();
        if (link.IsLoopback) throw Line.Wrong("'lo' cannot be deleted");
        ExpectEnd("link del");
        Model.RemoveLink(link);
    }

    private string TakeNewName(string name)
    {
        CheckName(name);
        return Model.Links.ContainsKey(name) ? throw Line.Wrong($"there is an interface '{name}' already") : name;
    }

    private void CheckName(string name)
    {
        if (name.Length > 15 || name.Contains('/', StringComparison.Ordinal))
            throw Line.Wrong($"'{name}' is no interface name: at most 15 characters, no '/'");
    }

    private bool TakeOnOff()
    {
        string word = Line.Take("on or off");
        return word switch
        {
            "on" => true,
            "off" => false,
            _ => throw Line.Wrong($"'{word}' is neither on nor off"),
        };
    }
}
