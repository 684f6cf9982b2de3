namespace NetVS.Bench.Paths;

/// <summary>What a path must carry.</summary>
/// <param name="Flows">How many connections at once.</param>
/// <param name="IsStack">Whether client and server are the kernel's own stacks (TCP), not the generator and the sink.</param>
internal readonly record struct PathLoad(int Flows, bool IsStack)
{
    /// <summary>Datagrams of the generator.</summary>
    public static PathLoad Datagrams(int flows) => new(flows, IsStack: false);

    /// <summary>Connections of the machine's own TCP.</summary>
    public static PathLoad Connections { get; } = new(10_000, IsStack: true);
}
