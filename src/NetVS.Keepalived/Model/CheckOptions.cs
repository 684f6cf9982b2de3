using NetVS.Packets;

namespace NetVS.Keepalived.Model;

/// <summary>What all network checks share; null where the real server decides.</summary>
public sealed record CheckOptions
{
    /// <summary>The address to check; none for the real server's.</summary>
    public IpAddress Address { get; init; }

    /// <summary>The port to check, host order.</summary>
    public ushort? Port { get; init; }

    /// <summary>The source address; none to let the system choose.</summary>
    public IpAddress BindAddress { get; init; }

    /// <summary>The source port, host order.</summary>
    public ushort? BindPort { get; init; }

    /// <summary>The interface.</summary>
    public string? BindInterface { get; init; }

    /// <summary>The firewall mark of its packets.</summary>
    public uint Mark { get; init; }

    /// <summary>Its packets go the way of the users': to the virtual address, through the tunnel (NetVS's own).</summary>
    public bool GoesUsersWay { get; init; }

    /// <summary>When it runs.</summary>
    public CheckTimes Times { get; init; } = new();

    /// <summary>Down until its first success.</summary>
    public bool? StartsDown { get; init; }

    /// <summary>Failures that are retried are logged too.</summary>
    public bool? LogsAllFailures { get; init; }
}
