using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A track_file.</summary>
public sealed record TrackFile : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The file that holds a number.</summary>
    public string? File { get; init; }

    /// <summary>What its number is multiplied with; 0 means FAULT unless the number is 0.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Whether the sign changes.</summary>
    public bool IsReversed { get; init; }

    /// <summary>The file is made at start if it is missing.</summary>
    public bool IsInitialised { get; init; }

    /// <summary>The number then written.</summary>
    public long InitialValue { get; init; }

    /// <summary>It is written even if the file is there.</summary>
    public bool OverwritesInitially { get; init; }
}
