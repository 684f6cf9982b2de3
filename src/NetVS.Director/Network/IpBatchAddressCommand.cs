using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary><c>addr add|replace|del</c>.</summary>
internal sealed class IpBatchAddressCommand(IpBatchModel model, IpBatchLine line) : IpBatchCommand(model, line)
{
    public override void Execute()
    {
        string verb = Line.Take("add, replace or del");
        if (verb is not ("add" or "replace" or "change" or "del" or "delete"))
            throw Line.Wrong($"unknown command 'addr {verb}': use add, replace or del");
        NetworkInterface? over = null;
        (IpAddress Address, int PrefixLength) own = default;
        (IpAddress Address, int PrefixLength) peer = default;
        IpAddress broadcast = default;
        bool hasRoute = true;
        int column = Line.Column;
        while (!Line.IsAtEnd)
        {
            string word = Line.Peek!;
            if (Line.TryTake("dev")) over = TakeInterface();
            else if (Line.TryTake("peer")) peer = Line.TakePrefix("the peer's address");
            else if (Line.TryTake("broadcast") || Line.TryTake("brd")) broadcast = TakeBroadcast();
            else if (Line.TryTake("noprefixroute")) hasRoute = false;
            else if (Line.TryTake("nodad")) { }
            else if (Line.TryTake("scope") || Line.TryTake("label")) Line.Take(word);
            else
            {
                if (Line.TryTake("local")) { }
                if (!own.Address.IsNone) ExpectEnd($"addr {verb}");
                own = Line.TakePrefix("an address");
                column = Line.Column;
            }
        }

        if (own.Address.IsNone) throw new IpBatchException(column, $"'addr {verb}' without an address: give ADDRESS/LENGTH");
        if (over is null) throw new IpBatchException(column, $"'addr {verb}' without an interface: give 'dev NAME'");
        int at = Model.Addresses.FindIndex(a => a.Own.Interface == over.Index && a.Own.Address == own.Address
            && (a.Own.PrefixLength == own.PrefixLength || verb is "del" or "delete"));
        if (verb is "del" or "delete")
        {
            if (at < 0) throw new IpBatchException(column, $"'{over.Name}' has no address {own.Address}");
            Model.Addresses.RemoveAt(at);
            return;
        }

        if (at >= 0 && verb == "add") throw new IpBatchException(column, $"'{over.Name}' has the address {own.Address} already");
        int length = peer.Address.IsNone ? own.PrefixLength : peer.PrefixLength;
        var made = new IpBatchModel.OwnAddress(new NetworkAddress(over.Index, own.Address, length), peer.Address, broadcast, hasRoute);
        if (at >= 0) Model.Addresses[at] = made;
        else Model.Addresses.Add(made);
    }

    // "+" asks for the network's last address, which is what it is without being asked.
    private IpAddress TakeBroadcast() => Line.TryTake("+") ? default : Line.TakeAddress("a broadcast address");
}
