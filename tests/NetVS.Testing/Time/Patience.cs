using System.Diagnostics;

namespace NetVS.Testing.Time;

/// <summary>Waiting for what the kernel, or another process, does in its own time.</summary>
public static class Patience
{
    /// <summary>Returns as soon as a condition holds; what is waited for is an event, bounded by a deadline that only failing tests meet.</summary>
    /// <param name="condition">Asked again and again, some milliseconds apart.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="seconds">The deadline.</param>
    /// <param name="more">What else the message says.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static void WaitFor(Func<bool> condition, string what, double seconds = 10, Func<string>? more = null)
    {
        long began = Stopwatch.GetTimestamp();
        using var pause = new ManualResetEventSlim();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began).TotalSeconds > seconds) throw new TimeoutException($"waited {seconds} s in vain: {what}\n{more?.Invoke()}");
            pause.Wait(5);
        }
    }
}
