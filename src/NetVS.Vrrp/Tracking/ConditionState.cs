namespace NetVS.Vrrp.Tracking;

/// <summary>What is known of a condition.</summary>
public enum ConditionState
{
    /// <summary>Nothing yet: a script without its first result.</summary>
    Unknown,

    /// <summary>It holds: the link is up, the script succeeds.</summary>
    Good,

    /// <summary>It does not.</summary>
    Bad,
}
