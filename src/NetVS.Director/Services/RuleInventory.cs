using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>What there is at one moment, collected from services, trash and local addresses: both snapshots are made from it.</summary>
internal sealed class RuleInventory
{
    /// <summary>The services in force.</summary>
    public List<VirtualServiceState> Services { get; } = [];

    /// <summary>Virtual endpoints, those of deleted services with connections included.</summary>
    public HashSet<DivertEndpoint> Virtuals { get; } = [];

    /// <summary>Real servers whose packets must be seen.</summary>
    public HashSet<DivertEndpoint> Reals { get; } = [];

    /// <summary>NAT destinations in force, by the port they were added with.</summary>
    public HashSet<DivertEndpoint> NatReals { get; } = [];

    /// <summary>TUN real servers.</summary>
    public HashSet<IpAddress> TunnelReals { get; } = [];

    /// <summary>FULLNAT local addresses.</summary>
    public HashSet<IpAddress> LocalAddresses { get; } = [];

    /// <summary>Takes in a service that is in force, with its destinations and local addresses.</summary>
    public void Add(VirtualServiceState service)
    {
        Services.Add(service);
        AddVirtual(service.Key);
        foreach (Destination destination in service.Destinations)
        {
            AddReal(service.Key, destination.Rule.Real, destination.MethodsInUse);
            if (destination.Method == ForwardingMethod.Nat)
                NatReals.Add(new DivertEndpoint(service.Key.Protocol, destination.Address, destination.Port));
        }

        foreach (IpAddress address in service.LocalAddresses) LocalAddresses.Add(address);
    }

    /// <summary>Takes in a destination in the trash: its service's endpoint and its own.</summary>
    public void AddTrashed(Destination destination)
    {
        AddVirtual(destination.Service.Key);
        AddReal(destination.Service.Key, destination.Rule.Real, destination.MethodsInUse);
    }

    /// <summary>Takes in the endpoint packets of a service are sent to.</summary>
    public void AddVirtual(ServiceKey key)
    {
        if (!key.IsMark) Virtuals.Add(new DivertEndpoint(key.Protocol, key.Address, key.Port));
    }

    /// <summary>Takes in a real server with the methods its connections have.</summary>
    /// <param name="key">Its service.</param>
    /// <param name="real">RIP and real port; 0 means the port the packet came to, that is the service's.</param>
    /// <param name="methods">Bits by the value of <see cref="ForwardingMethod"/>.</param>
    public void AddReal(ServiceKey key, IpEndpoint real, int methods)
    {
        const int RewritesReplies = (1 << (int)ForwardingMethod.Nat) | (1 << (int)ForwardingMethod.FullNat);
        if ((methods & RewritesReplies) != 0)
            Reals.Add(new DivertEndpoint(key.Protocol, real.Address, real.Port != 0 ? real.Port : key.Port));
        if ((methods & (1 << (int)ForwardingMethod.Tunnel)) != 0) TunnelReals.Add(real.Address);
    }

    /// <summary>The same as rules for the links. The sets are shared, so nothing may be added afterwards.</summary>
    public DivertRules ToDivertRules() => new(Virtuals, Reals, TunnelReals, LocalAddresses);
}
