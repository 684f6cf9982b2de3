using NetVS.Keepalived.Language;
using NetVS.Packets;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A real_server.</summary>
public sealed record RealServer : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Address and port; port 0 if none was given.</summary>
    public IpEndpoint Endpoint { get; init; }

    /// <summary>The weight; null for the virtual server's default.</summary>
    public int? Weight { get; init; }

    /// <summary>How it is reached; null as the virtual server says.</summary>
    public Forwarding? Forwarding { get; init; }

    /// <summary>Connections at which it counts as overloaded; 0 is off.</summary>
    public uint UpperThreshold { get; init; }

    /// <summary>Connections below which an overload ends.</summary>
    public uint LowerThreshold { get; init; }

    /// <summary>It stays with weight 0 when it has failed; null as the virtual server says.</summary>
    public bool? IsInhibiting { get; init; }

    /// <summary>It is down until checked; null as the virtual server says.</summary>
    public bool? StartsDown { get; init; }

    /// <summary>The defaults of its checks.</summary>
    public CheckTimes Times { get; init; } = new();

    /// <summary>Run when it comes up.</summary>
    public ScriptCommand? NotifyUp { get; init; }

    /// <summary>Run when it goes down.</summary>
    public ScriptCommand? NotifyDown { get; init; }

    /// <summary>Whether mail is sent.</summary>
    public bool? SendsMail { get; init; }

    /// <summary>The Host header's default.</summary>
    public string? VirtualHost { get; init; }

    /// <summary>A name for SNMP.</summary>
    public string? SnmpName { get; init; }

    /// <summary>Its checks: it is up while all of them are.</summary>
    public ImmutableList<Checker> Checkers { get; init; } = [];

    /// <summary>Messages about a real server name it by its address.</summary>
    public string Name => "";
}
