using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A vrrp_script.</summary>
public sealed record VrrpScript : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>What is run.</summary>
    public ScriptCommand? Script { get; init; }

    /// <summary>Between runs.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a run may take; 0 for the interval.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>What it adds to the priority; 0 means FAULT when it fails.</summary>
    public int Weight { get; init; }

    /// <summary>Whether success and failure change places.</summary>
    public bool IsReversed { get; init; }

    /// <summary>Successes until it is up.</summary>
    public int Rise { get; init; } = 1;

    /// <summary>Failures until it is down.</summary>
    public int Fall { get; init; } = 1;

    /// <summary>Who runs it.</summary>
    public string? User { get; init; }

    /// <summary>That user's group, if given.</summary>
    public string? Group { get; init; }

    /// <summary>Down until its first success.</summary>
    public bool FailsAtStart { get; init; }
}
