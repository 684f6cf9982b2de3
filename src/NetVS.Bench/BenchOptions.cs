namespace NetVS.Bench;

/// <summary>What is to be measured, and how long.</summary>
public sealed record BenchOptions
{
    /// <summary>The parts there are, in the order they are run.</summary>
    public static IReadOnlyList<string> AllParts { get; } = ["engine", "packets", "requests", "bulk"];

    /// <summary>The parts to run.</summary>
    public IReadOnlyList<string> Parts { get; init; } = AllParts;

    /// <summary>How often each thing is measured, in turn with the others.</summary>
    public int Repetitions { get; init; } = 3;

    /// <summary>How long one measurement lasts.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Flows of the packets part, and connections of the engine part.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [1, 1000, 100_000, 1_000_000];

    /// <summary>The links of NetVS to measure, as <c>netvs run --link</c> names them.</summary>
    public IReadOnlyList<string> Links { get; init; } = ["af_xdp", "af_packet"];

    /// <summary>The executable to measure: this one.</summary>
    public required string Program { get; init; }

    /// <summary>Is told what is being done.</summary>
    public Action<string>? Progress { get; init; }
}
