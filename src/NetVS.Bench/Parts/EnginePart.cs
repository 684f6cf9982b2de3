using NetVS.Director.Measurement;
using NetVS.Linux.Processor;

namespace NetVS.Bench.Parts;

/// <summary>The C# engine in memory, one core: no link, no kernel.</summary>
internal static class EnginePart
{
    /// <summary>Its name.</summary>
    public const string Name = "engine";

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options)
    {
        var rows = new RowCollector(Name);
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            options.Progress?.Invoke($"{Name}, repetition {repetition + 1} of {options.Repetitions}");
            foreach (Measurement m in RouteMeasurement.Run(ProcessorTime.ThreadNanoseconds))
            {
                rows.Add("ns per lookup", "any", m.Name, m.Nanoseconds);
                rows.Add(Metrics.Allocated, "any", m.Name, m.AllocatedOctets);
            }

            foreach (Measurement m in EngineMeasurement.Run(ProcessorTime.ThreadNanoseconds, options.Sizes))
            {
                string load = BenchText.Count(m.Connections, "connection");
                string subject = m.Name.StartsWith("engine: ", StringComparison.Ordinal) ? m.Name[8..] : m.Name;
                rows.Add(Metrics.EngineTime, load, subject, m.Nanoseconds);
                rows.Add(Metrics.Allocated, load, subject, m.AllocatedOctets);
            }
        }

        return rows.Rows();
    }
}
