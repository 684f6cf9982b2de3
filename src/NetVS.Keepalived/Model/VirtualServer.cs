using NetVS.Keepalived.Language;
using NetVS.Packets;
using NetVS.Rules;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A virtual_server.</summary>
public sealed record VirtualServer : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>What identifies it.</summary>
    public VirtualServerKind Kind { get; init; }

    /// <summary>Address and port; port 0 if none was given.</summary>
    public IpEndpoint Endpoint { get; init; }

    /// <summary>The firewall mark.</summary>
    public uint Mark { get; init; }

    /// <summary>The group's name.</summary>
    public string? Group { get; init; }

    /// <summary>TCP, UDP or SCTP; null if it was not given.</summary>
    public IpProtocol? Protocol { get; init; }

    /// <summary>The scheduler's short name; null if it was not given.</summary>
    public string? Scheduler { get; init; }

    /// <summary>Flags 1 to 3.</summary>
    public ServiceFlags SchedulerFlags { get; init; }

    /// <summary>The default of its servers; null if it was not given.</summary>
    public Forwarding? Forwarding { get; init; }

    /// <summary>The defaults of its checks.</summary>
    public CheckTimes Times { get; init; } = new();

    /// <summary>Seconds; 0 for no persistence.</summary>
    public uint PersistenceTimeout { get; init; }

    /// <summary>IPv4: the netmask as a host-order integer.</summary>
    public uint? PersistenceMask { get; init; }

    /// <summary>IPv6: the prefix length.</summary>
    public uint? PersistencePrefix { get; init; }

    /// <summary>The persistence engine.</summary>
    public string? PersistenceEngine { get; init; }

    /// <summary>One-packet scheduling.</summary>
    public bool IsOnePacket { get; init; }

    /// <summary>The family of a mark service, if given.</summary>
    public IpFamily Family { get; init; }

    /// <summary>The weight that must be alive.</summary>
    public uint Quorum { get; init; } = 1;

    /// <summary>How far from the quorum it changes.</summary>
    public uint Hysteresis { get; init; }

    /// <summary>
    /// Per cent of the real servers: when more than so many have failed, the failed ones are used again, for the checks are then more likely at fault than the
    /// servers. Null for never.
    /// </summary>
    public int? PanicThreshold { get; init; }

    /// <summary>Run when the quorum is reached.</summary>
    public ScriptCommand? QuorumUp { get; init; }

    /// <summary>Run when it is lost.</summary>
    public ScriptCommand? QuorumDown { get; init; }

    /// <summary>Real servers are down until checked (alpha).</summary>
    public bool StartsDown { get; init; }

    /// <summary>Down-notifications at shutdown (omega).</summary>
    public bool NotifiesOnShutdown { get; init; }

    /// <summary>Failed servers stay with weight 0.</summary>
    public bool IsInhibiting { get; init; }

    /// <summary>Checked only while the address is configured here (ha_suspend).</summary>
    public bool SuspendsWithoutAddress { get; init; }

    /// <summary>Whether mail is sent.</summary>
    public bool? SendsMail { get; init; }

    /// <summary>The Host header's default.</summary>
    public string? VirtualHost { get; init; }

    /// <summary>The default of its servers.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>A name for SNMP.</summary>
    public string? SnmpName { get; init; }

    /// <summary>FULLNAT: the group of local addresses.</summary>
    public string? LocalAddressGroup { get; init; }

    /// <summary>Where that is named.</summary>
    public SourcePosition LocalAddressPosition { get; init; }

    /// <summary>The sorry server.</summary>
    public SorryServer? Sorry { get; init; }

    /// <summary>What it asks for beyond keepalived and IPVS.</summary>
    public ServiceOptions Options { get; init; } = ServiceOptions.None;

    /// <summary>Its real servers.</summary>
    public ImmutableList<RealServer> RealServers { get; init; } = [];

    /// <summary>As keepalived calls it: <c>[10.0.0.1]:tcp:80</c>, <c>FWM 4</c> or <c>[GROUP]:0</c>.</summary>
    public string Name => Kind switch
    {
        VirtualServerKind.Group => $"[{Group}]:0",
        VirtualServerKind.Mark => $"FWM {Mark}",
        _ => $"[{Endpoint.Address}]:{ProtocolName}:{Endpoint.Port}",
    };

    /// <summary>tcp, udp, sctp, or none while it was not given.</summary>
    public string ProtocolName => Protocol is { } protocol ? protocol.ToString().ToLowerInvariant() : "none";
}
