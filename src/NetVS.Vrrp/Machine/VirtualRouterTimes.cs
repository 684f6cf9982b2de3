// RFC 3768 §6.1 and RFC 9568 §6.1, with keepalived's resolution.
namespace NetVS.Vrrp.Machine;

/// <summary>The two times that are computed from priority and interval, in whole microseconds.</summary>
public static class VirtualRouterTimes
{
    /// <summary>Skew: in version 2 a part of a second, in version 3 a part of the master's interval.</summary>
    public static TimeSpan Skew(int version, int priority, TimeSpan masterInterval)
    {
        long unit = version == 2 ? 1_000_000 : masterInterval.Ticks / TimeSpan.TicksPerMicrosecond;
        return TimeSpan.FromMicroseconds((256 - priority) * unit / 256);
    }

    /// <summary>How long a backup waits for an advert.</summary>
    public static TimeSpan MasterDown(int version, int priority, TimeSpan masterInterval, int adverts) =>
        (masterInterval * adverts) + Skew(version, priority, masterInterval);
}
