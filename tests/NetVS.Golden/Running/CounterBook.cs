using System.Globalization;
using NetVS.Director;
using NetVS.Director.Services;
using NetVS.Director.Statistics;

namespace NetVS.Golden.Running;

/// <summary>The counters of a director by subject ("total", "service tcp 10.0.0.1:80", "destination …"), and how far they moved.</summary>
internal sealed class CounterBook(DirectorEngine engine)
{
    private static readonly string[] s_names = ["connections", "inbound.packets", "inbound.bytes", "outbound.packets", "outbound.bytes"];
    private Dictionary<string, ulong[]> _last = [];

    /// <summary>What moved since the last call, one line per subject that has, in a fixed order.</summary>
    public SortedDictionary<string, string> TakeMoves()
    {
        Dictionary<string, ulong[]> now = Read();
        var moves = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string subject, ulong[] values) in now)
        {
            ulong[] before = _last.GetValueOrDefault(subject) ?? new ulong[s_names.Length];
            List<string> parts = [];
            for (int i = 0; i < s_names.Length; i++)
            {
                long move = unchecked((long)(values[i] - before[i]));
                if (move != 0) parts.Add($"{s_names[i]} {move.ToString("+0;-0", CultureInfo.InvariantCulture)}");
            }

            if (parts.Count > 0) moves[subject] = string.Join(' ', parts);
        }

        _last = now;
        return moves;
    }

    private Dictionary<string, ulong[]> Read()
    {
        var all = new Dictionary<string, ulong[]> { ["total"] = Values(engine.Totals) };
        IReadOnlyList<ServiceView> services = engine.ListServices();
        foreach (ServiceView service in services)
        {
            string name = services.Count == 1 ? "" : $" {service.Rule.Key}";
            all[$"service{name}"] = Values(service.Statistics);
            foreach (DestinationView destination in service.Destinations)
            {
                string real = service.Destinations.Count == 1 && services.Count == 1 ? "" : $"{name} {destination.Rule.Real}";
                all[$"destination{real}"] = Values(destination.Statistics);
            }
        }

        return all;
    }

    private static ulong[] Values(StatisticsView view) =>
        [view.Connections, view.InboundPackets, view.InboundBytes, view.OutboundPackets, view.OutboundBytes];
}
