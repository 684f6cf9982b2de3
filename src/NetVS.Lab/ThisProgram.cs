namespace NetVS.Lab;

/// <summary>The netvs executable that the labs run in their hosts: this very one.</summary>
internal static class ThisProgram
{
    /// <summary>Its path.</summary>
    public static string Path { get; } =
        Environment.GetEnvironmentVariable("NETVS_PROGRAM_PATH") is { Length: > 0 } given ? given
        : Environment.ProcessPath ?? throw new LabException("the path of the running program cannot be told: set NETVS_PROGRAM_PATH");
}
