namespace NetVS.Keepalived.Keywords;

/// <summary>What a virtual server is when it does not say (reference §5.2).</summary>
public static class VirtualServerDefaults
{
    /// <summary>Seconds of persistence where it is asked for without a number, or forced by a port 0.</summary>
    public const uint Persistence = 360;

    /// <summary>The scheduler.</summary>
    public const string Scheduler = "wlc";

    /// <summary>Between checks.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(60);

    /// <summary>For connecting and for each answer.</summary>
    public static TimeSpan ConnectTimeout { get; } = TimeSpan.FromSeconds(5);
}
