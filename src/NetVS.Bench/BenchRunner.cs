using System.Diagnostics;
using System.Globalization;
using NetVS.Bench.Parts;
using NetVS.Linux;

namespace NetVS.Bench;

/// <summary>Measures NetVS beside what it is compared with, in one run on one machine.</summary>
public static class BenchRunner
{
    /// <summary>Measures.</summary>
    public static BenchReport Run(BenchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var machine = new List<(string, string)>(MachineFacts.Read());
        long start = Stopwatch.GetTimestamp();
        var rows = new List<BenchRow>();
        var skipped = new List<string>();
        foreach (string part in options.Parts)
        {
            try
            {
                rows.AddRange(Run(part, options, skipped));
            }
            catch (Exception problem) when (problem is BenchException or KernelCallException)
            {
                // What other parts have measured is not lost with this one.
                skipped.Add($"{part}: {problem.Message}");
            }
        }

        machine.Add(("run", string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Repetitions} repetitions of {options.Duration.TotalSeconds:0.#} s, {Stopwatch.GetElapsedTime(start).TotalMinutes:0.0} minutes in all")));
        return new BenchReport(machine, rows, skipped);
    }

    private static IEnumerable<BenchRow> Run(string part, BenchOptions options, List<string> skipped) => part switch
    {
        EnginePart.Name => EnginePart.Run(options),
        ProgramPart.Name => ProgramPart.Run(options, skipped),
        PacketsPart.Name => PacketsPart.Run(options, skipped),
        RequestsPart.Name => RequestsPart.Run(options, skipped),
        BulkPart.Name => BulkPart.Run(options, skipped),
        MemoryPart.Name => MemoryPart.Run(options, skipped),
        _ => throw new BenchException($"there is no such part: {string.Join(", ", BenchOptions.AllParts)}"),
    };
}
