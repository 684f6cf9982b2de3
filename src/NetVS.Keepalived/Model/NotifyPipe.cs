namespace NetVS.Keepalived.Model;

/// <summary>A pipe that is told every change, and the script that reads it.</summary>
public sealed record NotifyPipe
{
    /// <summary>The pipe's path.</summary>
    public string? Path { get; init; }

    /// <summary>Its owner.</summary>
    public string? User { get; init; }

    /// <summary>Its group.</summary>
    public string? Group { get; init; }

    /// <summary>The script; it gets the path as its last argument.</summary>
    public ScriptCommand? Script { get; init; }
}
