namespace NetVS.Bench.Paths;

/// <summary>One way to run the daemon.</summary>
/// <param name="Name">Its name as an argument of <c>netvs bench --netvs</c>.</param>
/// <param name="Title">Its name in tables.</param>
/// <param name="Arguments">What <c>netvs run</c> gets.</param>
/// <param name="IsXdp">Whether frames are taken before the kernel has made packets of them.</param>
/// <param name="IsFast">Whether known flows are to be forwarded in the kernel.</param>
internal sealed record NetVsVariant(string Name, string Title, IReadOnlyList<string> Arguments, bool IsXdp, bool IsFast)
{
    private const string NoFastPath = "--no-offload";

    private static readonly NetVsVariant[] s_all =
    [
        new("xdp", "xdp", ["--hook", "xdp"], IsXdp: true, IsFast: true),
        new("tc", "tc", ["--hook", "tc"], IsXdp: false, IsFast: true),
        new("xdp-user", "xdp, user space", ["--hook", "xdp", NoFastPath], IsXdp: true, IsFast: false),
        new("tc-user", "tc, user space", ["--hook", "tc", NoFastPath], IsXdp: false, IsFast: false),
    ];

    /// <summary>The names there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(v => v.Name)];

    /// <summary>The variants of these names, in their own order, that the program knows the options of.</summary>
    public static IReadOnlyList<NetVsVariant> Choose(IReadOnlyList<string> names, NetVsProgram program) =>
        [.. s_all.Where(v => names.Contains(v.Name) && (v.IsFast || program.Knows(NoFastPath)))];
}
