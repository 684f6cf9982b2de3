// Reference §3.13.
using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Scheduling;

/// <summary>The servers lblcr uses for one address, newest member first. Thread: whoever holds the service's lock.</summary>
internal sealed class ServerSet
{
    // Oldest member first, so that adding is at the end; every walk goes backwards.
    private readonly List<Destination> _members = new(4);

    /// <summary>Members now, those that are deleted from the service included.</summary>
    public int Count => _members.Count;

    /// <summary>When a member last joined or left.</summary>
    public MonotonicTime LastChanged { get; private set; }

    /// <summary>Empties the set for its next address.</summary>
    public void Clear() => _members.Clear();

    /// <summary>Adds a member if it is none. Members that are freed for good are forgotten on the way.</summary>
    public void Add(Destination destination, MonotonicTime now)
    {
        if (_members.Contains(destination)) return;
        for (int i = _members.Count - 1; i >= 0; i--)
        {
            if (_members[i].IsFreed) _members.RemoveAt(i);
        }

        _members.Add(destination);
        LastChanged = now;
    }

    /// <summary>The member with the least load for its weight that may be used, or null; newest first, strictly compared.</summary>
    public Destination? FindLeastLoaded()
    {
        Destination? least = null;
        long leastOverhead = 0;
        for (int i = _members.Count - 1; i >= 0; i--)
        {
            Destination member = _members[i];
            if (member.IsOverloaded || !member.IsAvailable || member.Weight <= 0) continue;
            long overhead = Scheduler.Overhead(member);
            if (least is not null && unchecked(leastOverhead * member.Weight <= overhead * least.Weight)) continue;
            least = member;
            leastOverhead = overhead;
        }

        return least;
    }

    /// <summary>Removes the member with the greatest load for its weight; those of weight 0 are not considered.</summary>
    public void RemoveMostLoaded(MonotonicTime now)
    {
        int most = -1;
        for (int i = _members.Count - 1; i >= 0; i--)
        {
            Destination member = _members[i];
            if (member.Weight <= 0) continue;
            if (most >= 0 && unchecked(Scheduler.Overhead(_members[most]) * member.Weight >= Scheduler.Overhead(member) * _members[most].Weight)) continue;
            most = i;
        }

        if (most < 0) return;
        _members.RemoveAt(most);
        LastChanged = now;
    }
}
