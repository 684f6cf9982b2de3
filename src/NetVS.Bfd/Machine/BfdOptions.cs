namespace NetVS.Bfd.Machine;

/// <summary>What is asked of a session.</summary>
public sealed record BfdOptions
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How often it would like to send while it is up.</summary>
    public required TimeSpan MinTransmit { get; init; }

    /// <summary>How often it can receive.</summary>
    public required TimeSpan MinReceive { get; init; }

    /// <summary>How often it sends while it is not up: at least a second (RFC 5880 §6.8.3).</summary>
    public required TimeSpan IdleTransmit { get; init; }

    /// <summary>Packets the other end may miss; from 1 to 255.</summary>
    public required byte Multiplier { get; init; }

    /// <summary>Whether it sends nothing until it has heard the other end.</summary>
    public bool IsPassive { get; init; }
}
