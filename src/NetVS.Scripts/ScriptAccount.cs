namespace NetVS.Scripts;

/// <summary>Under whose name a script runs.</summary>
/// <param name="User">The user's name or number; null for the daemon's own.</param>
/// <param name="Group">The group; null for the user's.</param>
public sealed record ScriptAccount(string? User, string? Group)
{
    /// <summary>The daemon's own.</summary>
    public static ScriptAccount Own { get; } = new(null, null);
}
