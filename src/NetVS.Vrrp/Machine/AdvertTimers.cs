using NetVS.Packets;

namespace NetVS.Vrrp.Machine;

/// <summary>A virtual router's deadlines; <see cref="MonotonicTime.Never"/> for those that do not run.</summary>
internal sealed class AdvertTimers
{
    /// <summary>Backup: no advert came in time.</summary>
    public MonotonicTime MasterDown { get; set; } = MonotonicTime.Never;

    /// <summary>Master: the next advert.</summary>
    public MonotonicTime Advert { get; set; } = MonotonicTime.Never;

    /// <summary>Master: the second set of gratuitous ARP.</summary>
    public MonotonicTime SecondSet { get; set; } = MonotonicTime.Never;

    /// <summary>Master: the set after an advert of lower priority.</summary>
    public MonotonicTime LowerPrioritySet { get; set; } = MonotonicTime.Never;

    /// <summary>Master: the next refreshing set. Looked at only when an advert is sent, so it wakes nobody.</summary>
    public MonotonicTime Refresh { get; set; } = MonotonicTime.Never;

    /// <summary>Backup: until when a master of lower priority is left alone; never while no such delay runs.</summary>
    public MonotonicTime PreemptFrom { get; set; } = MonotonicTime.Never;

    /// <summary>Master: from when an advert that is answered at once is answered again. Looked at only then, so it wakes nobody.</summary>
    public MonotonicTime AnswerFrom { get; set; }

    /// <summary>Timers of a backup count from here at the earliest.</summary>
    public MonotonicTime BackupFrom { get; set; }

    /// <summary>What is due first.</summary>
    public MonotonicTime Earliest => Min(Min(MasterDown, Advert), Min(SecondSet, LowerPrioritySet));

    /// <summary>Stops all but <see cref="BackupFrom"/> and <see cref="AnswerFrom"/>, which wake nobody.</summary>
    public void Clear() => MasterDown = Advert = SecondSet = LowerPrioritySet = Refresh = PreemptFrom = MonotonicTime.Never;

    private static MonotonicTime Min(MonotonicTime a, MonotonicTime b) => a < b ? a : b;
}
