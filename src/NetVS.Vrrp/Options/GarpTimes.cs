namespace NetVS.Vrrp.Options;

/// <summary>When a master tells its network where its addresses are: gratuitous ARP, unsolicited neighbour advertisements.</summary>
public sealed record GarpTimes
{
    /// <summary>From becoming master to the second set; zero for none.</summary>
    public TimeSpan MasterDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Packets for each address in both sets.</summary>
    public int MasterRepeat { get; init; } = 5;

    /// <summary>Between sets while master; zero for none.</summary>
    public TimeSpan MasterRefresh { get; init; }

    /// <summary>Packets for each address in such a set.</summary>
    public int MasterRefreshRepeat { get; init; } = 1;

    /// <summary>From an advert of lower priority to the second set it causes; zero for none.</summary>
    public TimeSpan LowerPriorityDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Packets for each address after an advert of lower priority; 0 for none.</summary>
    public int LowerPriorityRepeat { get; init; } = 5;
}
