using NetVS.Bench.Parts;

namespace NetVS.Bench;

/// <summary>Measures NetVS beside what it is compared with, in one run on one machine.</summary>
public static class BenchRunner
{
    /// <summary>Measures.</summary>
    /// <exception cref="BenchException">Nothing can be measured here.</exception>
    public static BenchReport Run(BenchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<(string, string)> machine = MachineFacts.Read();
        var rows = new List<BenchRow>();
        var skipped = new List<string>();
        foreach (string part in options.Parts)
        {
            rows.AddRange(part switch
            {
                "engine" => EnginePart.Run(options),
                "packets" => PacketsPart.Run(options, skipped),
                "requests" => RequestsPart.Run(options, skipped),
                "bulk" => BulkPart.Run(options, skipped),
                _ => throw new BenchException($"there is no part '{part}': {string.Join(", ", BenchOptions.AllParts)}"),
            });
        }

        return new BenchReport(machine, rows, skipped);
    }
}
