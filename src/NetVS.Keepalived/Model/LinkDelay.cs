using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A line of interface_up_down_delays.</summary>
public sealed record LinkDelay
{
    /// <summary>The interface.</summary>
    public string Interface { get; init; } = "";

    /// <summary>How long it must be down.</summary>
    public TimeSpan Down { get; init; }

    /// <summary>How long it must be up.</summary>
    public TimeSpan Up { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; init; }
}
