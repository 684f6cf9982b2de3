using NetVS.Keepalived.Language;
using NetVS.Packets;

namespace NetVS.Keepalived.Model;

/// <summary>A bfd_instance.</summary>
public sealed record BfdInstance : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The other end.</summary>
    public IpAddress Neighbour { get; init; }

    /// <summary>This end; none to let the system choose.</summary>
    public IpAddress Source { get; init; }

    /// <summary>Milliseconds.</summary>
    public int MinReceive { get; init; } = 10;

    /// <summary>Milliseconds.</summary>
    public int MinTransmit { get; init; } = 10;

    /// <summary>Milliseconds.</summary>
    public int IdleTransmit { get; init; } = 1000;

    /// <summary>Packets that may be missed.</summary>
    public int Multiplier { get; init; } = 5;

    /// <summary>Waits for the other end.</summary>
    public bool IsPassive { get; init; }

    /// <summary>The other end is some routers away (RFC 5883).</summary>
    public bool IsMultihop { get; init; }

    /// <summary>Time to live of its packets.</summary>
    public int? Ttl { get; init; }

    /// <summary>How many routers may lie between; -1 for any.</summary>
    public int MaxHops { get; init; }

    /// <summary>What it adds to the priority; 0 means FAULT.</summary>
    public int Weight { get; init; }

    /// <summary>Whether good and bad change places.</summary>
    public bool IsReversed { get; init; }

    /// <summary>VRRP is told.</summary>
    public bool IsForVrrp { get; init; }

    /// <summary>Checkers are told.</summary>
    public bool IsForCheckers { get; init; }
}
