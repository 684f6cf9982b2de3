using NetVS.Director.Network;
using NetVS.Failover.Plan;
using NetVS.Keepalived.Model;
using NetVS.Linux;
using NetVS.Linux.Host;
using NetVS.Linux.Vrrp;
using NetVS.Packets;

namespace NetVS.Failover.Running;

/// <summary>The host's links and addresses as they were read last, and what instances put there. Thread: the loop's.</summary>
internal sealed class HostAddresses(VrrpNetwork network, FilteredAddresses filter, Action<string> log)
{
    private static readonly Dictionary<string, byte> s_scopes = new(StringComparer.Ordinal)
    {
        ["global"] = 0, ["universe"] = 0, ["site"] = 200, ["link"] = 253, ["host"] = 254, ["nowhere"] = 255,
    };

    private Dictionary<string, NetworkInterface> _byName = [];
    private Dictionary<int, NetworkInterface> _byIndex = [];
    private IReadOnlyList<HostAddress> _addresses = [];

    /// <summary>Whether this host forwards IPv6.</summary>
    public bool IsRouter { get; private set; }

    /// <summary>Reads everything.</summary>
    public void Read()
    {
        IReadOnlyList<NetworkInterface> links = network.ReadLinks();
        _byName = links.ToDictionary(l => l.Name);
        _byIndex = links.ToDictionary(l => l.Index);
        _addresses = network.ReadAddresses();
        IsRouter = Sysctl.Read("net/ipv6/conf/all/forwarding") == "1";
    }

    /// <summary>An interface by its name, or null.</summary>
    public NetworkInterface? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>An interface's MAC; null where it has no Ethernet or is gone.</summary>
    public MacAddress? MacOf(int index) => _byIndex.TryGetValue(index, out NetworkInterface? link) && link.IsEthernet ? link.Mac : null;

    /// <summary>Whether an interface has an address.</summary>
    public bool Has(int index, IpAddress address)
    {
        for (int i = 0; i < _addresses.Count; i++) if (_addresses[i].InterfaceIndex == index && _addresses[i].Address == address) return true;
        return false;
    }

    /// <summary>Whether any interface has it.</summary>
    public bool Has(IpAddress address) => _addresses.Any(a => a.Address == address);

    /// <summary>The address to send adverts from: the interface's first that is none of the instance's; in IPv6 a link-local one.</summary>
    public IpAddress FindSource(RunningInstance instance)
    {
        IpFamily family = instance.Plan.Options.Family;
        foreach (HostAddress a in _addresses)
        {
            if (a.InterfaceIndex != instance.BaseIndex || a.Address.Family != family || instance.Plan.Addresses.Any(v => v.Address == a.Address)) continue;
            if (family == IpFamily.V4 || a.Address.V6.IsLinkLocal) return a.Address;
        }

        return default;
    }

    /// <summary>Removes what a killed daemon has left of an instance: its addresses, whatever their prefix lengths were, its routes and its rules.</summary>
    public void RemoveLeftovers(RunningInstance instance)
    {
        foreach (AddressRequest request in Requests(instance))
        {
            foreach (HostAddress left in _addresses)
            {
                if (left.InterfaceIndex != request.InterfaceIndex || left.Address != request.Address) continue;
                if (network.DeleteAddress(request with { PrefixLength = left.PrefixLength }) == 0) log($"vrrp: ({instance.Plan.Name}) removed {left.Address}/{left.PrefixLength}, which was there already");
            }
        }

        ChangeRules(instance.Plan.Rules, isAdded: false, instance.Plan.Name);
        ChangeRoutes(instance.Plan.Routes, instance.AddressIndex, isAdded: false, instance.Plan.Name);
    }

    /// <summary>Puts addresses, routes and rules in place.</summary>
    public void Take(RunningInstance instance)
    {
        filter.Add(instance);
        foreach (ConfiguredAddress address in instance.Plan.Addresses)
        {
            if (Request(instance, address) is not { } request) continue;
            int errno = network.AddAddress(request);
            if (errno is not (0 or Errno.EEXIST))
            {
                log($"vrrp: ({instance.Plan.Name}) {address.Address} cannot be set: {Errno.NameOf(errno)}");
                continue;
            }

            instance.Placed.Add(request);
            if (!address.IsUntracked) instance.Guarded.Add(request);
        }

        RestoreRoutes(instance);
    }

    /// <summary>Takes them away.</summary>
    public void Release(RunningInstance instance)
    {
        ChangeRules(instance.Plan.Rules, isAdded: false, instance.Plan.Name);
        ChangeRoutes(instance.Plan.Routes, instance.AddressIndex, isAdded: false, instance.Plan.Name);
        foreach (AddressRequest request in instance.Placed) Delete(request, instance.Plan.Name);
        instance.Placed.Clear();
        instance.Guarded.Clear();
        filter.Remove(instance);
    }

    /// <summary>After a reload of a master: what is new is put in place, what is no longer wanted taken away.</summary>
    /// <returns>Whether an address was added.</returns>
    public bool Adjust(RunningInstance instance, InstancePlan before)
    {
        List<AddressRequest> wanted = [.. Requests(instance)];
        foreach (AddressRequest gone in instance.Placed.Where(p => !wanted.Contains(p)).ToArray())
        {
            Delete(gone, instance.Plan.Name);
            instance.Placed.Remove(gone);
        }

        HashSet<AddressRequest> there = [.. instance.Placed];
        RoutePlan[] oldRoutes = [.. before.Routes.Where(r => instance.Plan.Routes.All(n => n.Text != r.Text))];
        RulePlan[] oldRules = [.. before.Rules.Where(r => instance.Plan.Rules.All(n => n.Text != r.Text))];
        ChangeRules(oldRules, isAdded: false, instance.Plan.Name);
        ChangeRoutes(oldRoutes, instance.AddressIndex, isAdded: false, instance.Plan.Name);
        instance.Placed.Clear();
        instance.Guarded.Clear();
        Take(instance);
        return instance.Placed.Exists(p => !there.Contains(p));
    }

    /// <summary>Adds or removes static addresses; those that are there already, or gone, are none to speak of.</summary>
    public void ChangeStatic(IEnumerable<ConfiguredAddress> addresses, bool isAdded)
    {
        foreach (AddressRequest request in StaticRequests(addresses))
        {
            int errno = isAdded ? network.AddAddress(request) : network.DeleteAddress(request);
            if (errno is not (0 or Errno.EEXIST or Errno.EADDRNOTAVAIL)) log($"vrrp: static address {request.Address}: {Errno.NameOf(errno)}");
        }
    }

    /// <summary>Adds static addresses that another program has taken away.</summary>
    public void RestoreStatic(IEnumerable<ConfiguredAddress> addresses)
    {
        foreach (AddressRequest request in StaticRequests(addresses.Where(a => !a.IsUntracked)))
        {
            if (!Has(request.InterfaceIndex, request.Address) && Add(request) == 0) log($"vrrp: static address {request.Address} was gone: added again");
        }
    }

    /// <summary>Adds those routes and rules of a master that are gone.</summary>
    public void RestoreRoutes(RunningInstance instance)
    {
        ChangeRoutes(instance.Plan.Routes, instance.AddressIndex, isAdded: true, instance.Plan.Name);
        ChangeRules(instance.Plan.Rules, isAdded: true, instance.Plan.Name);
    }

    /// <summary>Adds or removes routes.</summary>
    public void ChangeRoutes(IEnumerable<RoutePlan> routes, int defaultIndex, bool isAdded, string owner)
    {
        foreach (RoutePlan route in routes)
        {
            int errno = ChangeRoute(route, defaultIndex, isAdded);
            if (errno is 0 || (isAdded ? errno == Errno.EEXIST : errno is Errno.ESRCH or Errno.ENODEV)) continue;
            log($"vrrp: ({owner}) route {route.Text} cannot be {(isAdded ? "added" : "removed")}: {Errno.NameOf(errno)}");
        }
    }

    /// <summary>Adds or removes one route.</summary>
    /// <returns>0, or the errno.</returns>
    public int ChangeRoute(RoutePlan route, int defaultIndex, bool isAdded)
    {
        if (route.Hops.Count > 0)
        {
            RouteHopRequest[] hops = [.. route.Hops.Select(h => h.Request with { InterfaceIndex = h.Interface is null ? 0 : Find(h.Interface)?.Index ?? -1 })];
            return hops.Any(h => h.InterfaceIndex < 0) ? Errno.ENODEV : network.ChangeRoute(route.Request with { Hops = hops }, isAdded);
        }

        int index = route.Interface is null ? 0 : Find(route.Interface)?.Index ?? -1;
        if (index == 0 && route.Request.Gateway.IsNone && route.Request.Type == 1) index = defaultIndex;
        return index < 0 ? Errno.ENODEV : network.ChangeRoute(route.Request with { InterfaceIndex = index }, isAdded);
    }

    /// <summary>Adds or removes policy rules.</summary>
    public void ChangeRules(IEnumerable<RulePlan> rules, bool isAdded, string owner)
    {
        foreach (RulePlan rule in rules)
        {
            int errno = ChangeRule(rule, isAdded);
            if (errno is 0 || (isAdded ? errno == Errno.EEXIST : errno is Errno.ENOENT or Errno.ESRCH)) continue;
            log($"vrrp: ({owner}) rule {rule.Text} cannot be {(isAdded ? "added" : "removed")}: {Errno.NameOf(errno)}");
        }
    }

    /// <summary>Adds or removes one policy rule.</summary>
    /// <returns>0, or the errno.</returns>
    public int ChangeRule(RulePlan rule, bool isAdded) => network.ChangeRule(rule.Request, isAdded);

    /// <summary>Adds an address.</summary>
    /// <returns>0, or the errno.</returns>
    public int Add(AddressRequest request) => network.AddAddress(request);

    /// <summary>What an instance has in place while it is master.</summary>
    public IEnumerable<AddressRequest> Requests(RunningInstance instance) => instance.Plan.Addresses.Select(a => Request(instance, a)).OfType<AddressRequest>();

    /// <summary>Static addresses, as far as their interfaces are there.</summary>
    public IEnumerable<AddressRequest> StaticRequests(IEnumerable<ConfiguredAddress> addresses) =>
        addresses.Select(a => a.Interface is { } name && Find(name) is { } link ? Request(a, link.Index) : null).OfType<AddressRequest>();

    private static AddressRequest Request(ConfiguredAddress a, int index)
    {
        uint flags = a.Address.Family == IpFamily.V6 && !a.HasDuplicateDetection ? VrrpNetwork.FlagNoDad : 0;
        if (a.IsHome) flags |= VrrpNetwork.FlagHome;
        if (a.HasTemporaryAddresses) flags |= VrrpNetwork.FlagTemporary;
        if (a.HasNoPrefixRoute) flags |= VrrpNetwork.FlagNoPrefixRoute;
        if (a.IsAutojoin) flags |= VrrpNetwork.FlagAutojoin;
        uint hosts = a.PrefixLength >= 32 ? 0 : uint.MaxValue >> a.PrefixLength;
        IpAddress broadcast = a.Broadcast switch
        {
            null => default,
            "+" => new Ipv4Address(a.Address.V4.Value | hosts),
            "-" => new Ipv4Address(a.Address.V4.Value & ~hosts),
            var text => IpAddress.Parse(text),
        };

        // A /128 that is not the host's own shall not be chosen as a source: it is deprecated from the start.
        uint? preferred = a.PreferredLifetime switch
        {
            null => a.Address.Family == IpFamily.V6 && a.PrefixLength == 128 ? 0 : null,
            "forever" => null,
            var text => uint.Parse(text, System.Globalization.CultureInfo.InvariantCulture),
        };
        byte scope = a.Scope is null ? (byte)0 : s_scopes.TryGetValue(a.Scope, out byte named) ? named : byte.Parse(a.Scope, System.Globalization.CultureInfo.InvariantCulture);
        return new AddressRequest
        {
            InterfaceIndex = index, Address = a.Address, PrefixLength = a.PrefixLength, Peer = a.Peer, Broadcast = broadcast,
            Scope = scope, Label = a.Label, Flags = flags, PreferredLifetime = preferred,
        };
    }

    private AddressRequest? Request(RunningInstance instance, ConfiguredAddress address)
    {
        int index = address.Interface is null ? instance.AddressIndex : Find(address.Interface)?.Index ?? 0;
        return index == 0 ? null : Request(address, index);
    }

    private void Delete(AddressRequest request, string owner)
    {
        int errno = network.DeleteAddress(request);
        if (errno is not (0 or Errno.EADDRNOTAVAIL or Errno.ENODEV)) log($"vrrp: ({owner}) {request.Address} cannot be removed: {Errno.NameOf(errno)}");
    }
}
