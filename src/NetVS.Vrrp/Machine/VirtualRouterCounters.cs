using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Machine;

/// <summary>What a virtual router counts. Written by its thread, read by any: each is one word.</summary>
public sealed class VirtualRouterCounters
{
    private readonly long[] _problems = new long[AdvertProblems.Count];
    private long _received, _sent, _becameMaster, _releasedMaster, _zeroReceived, _zeroSent, _twoMasters, _answersSpared, _late, _longestDelay;

    /// <summary>Adverts for this virtual router, taken or not.</summary>
    public long Received { get => Volatile.Read(ref _received); internal set => Volatile.Write(ref _received, value); }

    /// <summary>Adverts sent; to several peers once each.</summary>
    public long Sent { get => Volatile.Read(ref _sent); internal set => Volatile.Write(ref _sent, value); }

    /// <summary>How often it became master.</summary>
    public long BecameMaster { get => Volatile.Read(ref _becameMaster); internal set => Volatile.Write(ref _becameMaster, value); }

    /// <summary>How often it ceased to be.</summary>
    public long ReleasedMaster { get => Volatile.Read(ref _releasedMaster); internal set => Volatile.Write(ref _releasedMaster, value); }

    /// <summary>Adverts with priority 0 that came.</summary>
    public long ZeroReceived { get => Volatile.Read(ref _zeroReceived); internal set => Volatile.Write(ref _zeroReceived, value); }

    /// <summary>Those that were sent.</summary>
    public long ZeroSent { get => Volatile.Read(ref _zeroSent); internal set => Volatile.Write(ref _zeroSent, value); }

    /// <summary>Adverts of another master that came while this one was master.</summary>
    public long TwoMasters { get => Volatile.Read(ref _twoMasters); internal set => Volatile.Write(ref _twoMasters, value); }

    /// <summary>Adverts that would have been answered at once, had they not come so fast.</summary>
    public long AnswersSpared { get => Volatile.Read(ref _answersSpared); internal set => Volatile.Write(ref _answersSpared, value); }

    /// <summary>Adverts that left more than a tenth of their interval late: the machine, or this program, had too much to do.</summary>
    public long Late { get => Volatile.Read(ref _late); internal set => Volatile.Write(ref _late, value); }

    /// <summary>How late the latest of all adverts left.</summary>
    public TimeSpan LongestDelay { get => new(Volatile.Read(ref _longestDelay)); internal set => Volatile.Write(ref _longestDelay, value.Ticks); }

    /// <summary>Adverts not taken, by reason.</summary>
    public long Refused(AdvertProblem problem) => Volatile.Read(ref _problems[(int)problem]);

    internal void CountRefused(AdvertProblem problem) => Volatile.Write(ref _problems[(int)problem], _problems[(int)problem] + 1);
}
