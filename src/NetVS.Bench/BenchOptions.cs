using NetVS.Bench.Paths;

namespace NetVS.Bench;

/// <summary>What is to be measured, and how long.</summary>
public sealed record BenchOptions
{
    /// <summary>The parts there are, in the order they are run.</summary>
    public static IReadOnlyList<string> AllParts { get; } = ["engine", "program", "packets", "requests", "bulk", "memory"];

    /// <summary>The ways to run NetVS there are, see <c>netvs run --hook</c>: the kernel's hook, with the fast path or all in user space.</summary>
    public static IReadOnlyList<string> AllVariants => NetVsVariant.Names;

    /// <summary>The parts to run.</summary>
    public IReadOnlyList<string> Parts { get; init; } = AllParts;

    /// <summary>How often each thing is measured, in turn with the others.</summary>
    public int Repetitions { get; init; } = 3;

    /// <summary>How long one measurement lasts.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Flows of the packets and program parts, connections of the engine and memory parts.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [1, 1000, 100_000, 1_000_000];

    /// <summary>The ways to run NetVS to measure, of <see cref="AllVariants"/>.</summary>
    public IReadOnlyList<string> Variants { get; init; } = AllVariants;

    /// <summary>The executable to measure: this one.</summary>
    public required string Program { get; init; }

    /// <summary>Is told what is being done.</summary>
    public Action<string>? Progress { get; init; }
}
