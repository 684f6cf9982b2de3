namespace NetVS.Api.Contract;

/// <summary>VRRP on this host.</summary>
internal sealed record VrrpReport(VrrpInstanceReport[] Instances, long UnknownIds, long Malformed, long SendFailures);

/// <summary>A VRRP instance. Master is the own address where it is master itself; UntilMaster is there for a backup only.</summary>
internal sealed record VrrpInstanceReport(
    string Name, string State, double SecondsInState, string Explanation, string Interface, int RouterId, int Version, string? Group, int Priority, int BasePriority,
    VrrpPriorityPartReport[] PriorityParts, double AdvertIntervalSeconds, string? Source, string[] Peers, string[] Addresses, string? Master, int MasterPriority,
    double? SecondsUntilMaster, VrrpOtherMasterReport? OtherMaster, long LateAdverts, double LongestDelayMilliseconds, SortedDictionary<string, long> Counters,
    SortedDictionary<string, long> Refused);

/// <summary>Something the instance tracks, and what it adds to the priority.</summary>
internal sealed record VrrpPriorityPartReport(string Name, string State, int Weight, int Contribution, bool Fault);

/// <summary>Another router that was master besides this one.</summary>
internal sealed record VrrpOtherMasterReport(string Address, long Adverts, double SecondsSinceLast);
