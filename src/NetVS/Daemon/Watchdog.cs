using System.Globalization;
using NetVS.Packets;

namespace NetVS.Daemon;

/// <summary>Keeps systemd's watchdog (WatchdogSec=) quiet as long as every thread that matters answers.</summary>
/// <remarks>
/// Twice in its time, each worker and the VRRP thread are asked to count down; the last of them to do so has the sign of life sent. A thread that hangs so
/// silences the whole daemon, and systemd ends it; forwarding outlives that. Thread: the tick's calls <see cref="Tick"/>; any counts down.
/// </remarks>
internal sealed class Watchdog
{
    private readonly Action<Action>[] _threads;
    private readonly Action _alive;
    private readonly TimeSpan _period;
    private MonotonicTime _next;

    /// <summary>Watches.</summary>
    /// <param name="period">How often to ask.</param>
    /// <param name="threads">Has each thread call an action. Must not wait.</param>
    /// <param name="alive">Sends the sign of life.</param>
    public Watchdog(TimeSpan period, IEnumerable<Action<Action>> threads, Action alive)
    {
        _period = period;
        _threads = [.. threads];
        _alive = alive;
    }

    /// <summary>Half of what systemd waits, as it asks for (sd_watchdog_enabled(3)); null where it does not watch this process.</summary>
    public static TimeSpan? FindPeriod(Func<string, string?> variable)
    {
        if (!long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) || microseconds <= 0) return null;
        bool isOther = variable("WATCHDOG_PID") is { Length: > 0 } process && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isOther ? null : TimeSpan.FromMicroseconds(microseconds / 2.0);
    }

    /// <summary>Asks when it is time to.</summary>
    public void Tick(MonotonicTime now)
    {
        if (now < _next) return;
        _next = now + _period;
        int left = _threads.Length;
        if (left == 0) _alive();
        foreach (Action<Action> ask in _threads)
        {
            ask(() =>
            {
                if (Interlocked.Decrement(ref left) == 0) _alive();
            });
        }
    }
}
