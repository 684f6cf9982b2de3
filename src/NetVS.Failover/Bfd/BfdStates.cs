using System.Collections.Concurrent;
using NetVS.Bfd.Wire;

namespace NetVS.Failover.Bfd;

/// <summary>What checks know of the BFD sessions that they may follow: nothing, until one has been up.</summary>
/// <remarks>Threads: one notes, any reads.</remarks>
public sealed class BfdStates
{
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>Whether a session is up; null while it never was.</summary>
    public bool? IsUp(string name) => _known.TryGetValue(name, out bool isUp) ? isUp : null;

    /// <summary>Notes a session's state.</summary>
    /// <returns>Whether that is something new.</returns>
    public bool Note(BfdPlan plan, BfdState state)
    {
        ArgumentNullException.ThrowIfNull(plan);
        string name = plan.Options.Name;
        bool isUp = state == BfdState.Up;
        if (!plan.IsForChecks) return _known.TryRemove(name, out _);
        if (_known.TryGetValue(name, out bool known) ? known == isUp : !isUp) return false;
        _known[name] = isUp;
        return true;
    }
}
