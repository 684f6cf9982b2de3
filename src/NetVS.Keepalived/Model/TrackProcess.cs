using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A vrrp_track_process.</summary>
public sealed record TrackProcess : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The process, with arguments if they must match.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>How arguments match: exact, initial or partial; null when they are not looked at.</summary>
    public string? ParameterMatch { get; init; }

    /// <summary>What it adds to the priority; 0 means FAULT.</summary>
    public int Weight { get; init; }

    /// <summary>Whether good and bad change places.</summary>
    public bool IsReversed { get; init; }

    /// <summary>The least number of processes.</summary>
    public int Quorum { get; init; } = 1;

    /// <summary>The most; null for no limit.</summary>
    public int? QuorumMax { get; init; }

    /// <summary>How long the quorum must hold.</summary>
    public TimeSpan ForkDelay { get; init; }

    /// <summary>How long the loss of quorum must hold.</summary>
    public TimeSpan TerminateDelay { get; init; }

    /// <summary>The whole command line is compared.</summary>
    public bool MatchesFullCommand { get; init; }
}
