using NetVS.Keepalived;

namespace NetVS.Control.Configuration;

/// <summary>What a <see cref="ConfigurationControl"/> is told once.</summary>
public sealed record ConfigurationOptions
{
    /// <summary>Reads the configuration from its files.</summary>
    public required Func<KeepalivedReading> Read { get; init; }

    /// <summary>The parts, in the order in which they begin.</summary>
    public IReadOnlyList<IHostedPart> Parts { get; init; } = [];

    /// <summary>Takes a problem that does not keep the configuration from being put in force.</summary>
    public Action<string> Warn { get; init; } = static _ => { };
}
