using NetVS.Health.Scripts;
using NetVS.Packets;

namespace NetVS.Health;

/// <summary>What a <see cref="HealthPart"/> is told once.</summary>
public sealed record HealthOptions
{
    /// <summary>Whether an address is one of this host's now.</summary>
    public required Func<IpAddress, bool> IsLocal { get; init; }

    /// <summary>Whether a user account exists.</summary>
    public required Func<string, bool> HasUser { get; init; }

    /// <summary>What running scripts needs of the system.</summary>
    public required IScriptHost ScriptHost { get; init; }

    /// <summary>Takes a line for the log.</summary>
    public required Action<string> Report { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A number from 0 up to 1, for the spread of first checks.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}
