using NetVS.Control.Rules;
using NetVS.Keepalived;

namespace NetVS.Control.Configuration;

/// <summary>What a <see cref="ConfigurationControl"/> is told once.</summary>
public sealed record ConfigurationOptions
{
    /// <summary>Reads the configuration from its files.</summary>
    public required Func<KeepalivedReading> Read { get; init; }

    /// <summary>Finds the rehearsal of a configuration that was checked before it came here; null where there was none.</summary>
    public Func<KeepalivedReading, KeepalivedCheck?> FindRehearsal { get; init; } = static _ => null;

    /// <summary>The clock of periodic reconciliation.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The parts, in the order in which they begin.</summary>
    public IReadOnlyList<IHostedPart> Parts { get; init; } = [];

    /// <summary>Takes a problem that does not keep the configuration from being put in force.</summary>
    public Action<string> Warn { get; init; } = static _ => { };
}
