using NetVS.Director.Measurement;
using NetVS.Linux.Processor;

namespace NetVS.Bench.Parts;

/// <summary>The C# engine in memory, one core: no link, no kernel.</summary>
internal static class EnginePart
{
    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options)
    {
        var rows = new RowCollector("engine");
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            options.Progress?.Invoke($"engine, {repetition + 1} of {options.Repetitions}");
            foreach (Measurement m in RouteMeasurement.Run(ProcessorTime.ThreadNanoseconds))
            {
                rows.Add("ns per lookup", "any", m.Name, m.Nanoseconds);
                rows.Add("octets allocated per round", "any", m.Name, m.AllocatedOctets);
            }

            foreach (Measurement m in EngineMeasurement.Run(ProcessorTime.ThreadNanoseconds, options.Sizes))
            {
                string load = $"{m.Connections} connections";
                string subject = m.Name.StartsWith("engine: ", StringComparison.Ordinal) ? m.Name[8..] : m.Name;
                rows.Add("ns per packet", load, subject, m.Nanoseconds);
                rows.Add("octets allocated per round", load, subject, m.AllocatedOctets);
            }
        }

        return rows.Rows();
    }
}
