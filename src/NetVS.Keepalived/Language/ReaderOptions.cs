namespace NetVS.Keepalived.Language;

/// <summary>What a configuration depends on besides its text.</summary>
public sealed record ReaderOptions
{
    /// <summary>The configuration id that <c>@ID</c> compares with: keepalived's <c>-i</c>, by default the host's name up to the first dot.</summary>
    public string ConfigurationId { get; init; } = "";

    /// <summary>What relative paths are relative to, absolute; for <c>${_PWD}</c>.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>Looks up an environment variable, for <c>${_ENV NAME}</c>.</summary>
    public Func<string, string?> FindVariable { get; init; } = _ => null;
}
