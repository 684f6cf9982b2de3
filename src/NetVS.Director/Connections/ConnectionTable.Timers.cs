using System.Runtime.CompilerServices;
using NetVS.Director.Timing;
using NetVS.Packets;

namespace NetVS.Director.Connections;

/// <content>The timers. A packet only notes when it passed; the wheel finds out when it looks.</content>
internal sealed partial class ConnectionTable<TAddress>
{
    private readonly TimingWheel _wheel = new();

    /// <summary>Notes that a packet of the connection passes: it now expires its timeout from <paramref name="now"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(int handle, MonotonicTime now) => this[handle].LastSeen = TimerTick.AtOrAfter(now);

    /// <summary>As <see cref="Touch"/>, and sets the timeout. Moves the timer only if the wheel would otherwise look too late.</summary>
    /// <param name="handle">The connection.</param>
    /// <param name="seconds">The new timeout, at most 2^31 / <see cref="TimerTick.PerSecond"/> - 1.</param>
    /// <param name="now">The time.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetTimeout(int handle, uint seconds, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref this[handle];
        connection.LastSeen = TimerTick.AtOrAfter(now);

        // The wheel looks at or before the present deadline; one that is not shortened needs nothing, not even the second cache line.
        if (seconds >= connection.Timeout) connection.Timeout = seconds;
        else ShortenTimeout(handle, ref connection, seconds);
    }

    /// <summary>A packet passed the fast path earlier: as <see cref="SetTimeout"/>, but a later packet that is known of counts for more.</summary>
    public void Renew(int handle, uint seconds, MonotonicTime passed)
    {
        ref Connection<TAddress> connection = ref this[handle];
        uint tick = TimerTick.AtOrAfter(passed);
        if (TimerTick.Difference(tick, connection.LastSeen) > 0) connection.LastSeen = tick;
        if (seconds >= connection.Timeout) connection.Timeout = seconds;
        else ShortenTimeout(handle, ref connection, seconds);
    }

    /// <summary>Sets when a connection's last packet passed, before now, and its timeout: it was made from what another director knew.</summary>
    public void Recall(int handle, uint seconds, MonotonicTime passed)
    {
        ref Connection<TAddress> connection = ref this[handle];
        connection.LastSeen = TimerTick.AtOrAfter(passed);
        connection.Timeout = seconds;
        Unlink(ref connection);
        Link(handle, ref connection, DeadlineOf(ref connection));
    }

    /// <summary>As <see cref="Renew"/>, but nothing changes if a later packet is known of.</summary>
    public void RenewIfLater(int handle, uint seconds, MonotonicTime passed)
    {
        if (TimerTick.Difference(TimerTick.AtOrAfter(passed), this[handle].LastSeen) > 0) Renew(handle, seconds, passed);
    }

    /// <summary>Has the wheel look at a connection so many seconds from now at the latest.</summary>
    public void LookWithin(int handle, uint seconds, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref this[handle];
        uint tick = unchecked(TimerTick.AtOrAfter(now) + (seconds * TimerTick.PerSecond));
        if (TimerTick.Difference(tick, connection.TimerDue) >= 0) return;
        Unlink(ref connection);
        Link(handle, ref connection, tick);
    }

    /// <summary>How long the connection still has; zero if its deadline has passed.</summary>
    public TimeSpan TimeLeft(int handle, MonotonicTime now)
    {
        long nanoseconds = TimerTick.ToTime(DeadlineOf(ref this[handle]), now).Nanoseconds - now.Nanoseconds;
        return nanoseconds <= 0 ? TimeSpan.Zero : new TimeSpan(nanoseconds / 100);
    }

    /// <summary>Hands every connection whose deadline has passed to <paramref name="handler"/>, and removes those it lets go.</summary>
    /// <remarks>
    /// Bounded: looks at no more than <paramref name="budget"/> entries. Less than one tick (1/8 s) passes between a deadline
    /// and the first call that acts on it.
    /// </remarks>
    /// <param name="now">The time.</param>
    /// <param name="budget">The most entries to look at in this call, 1 or more.</param>
    /// <param name="handler">Decides.</param>
    /// <returns>When to call again at the latest: <paramref name="now"/> if the budget was too small, Never if there is no connection.</returns>
    public MonotonicTime Advance<THandler>(MonotonicTime now, int budget, ref THandler handler)
        where THandler : struct, IExpiryHandler<TAddress>
    {
        uint nowTick = TimerTick.AtOrBefore(now);
        _wheel.CatchUp(nowTick);
        while (true)
        {
            int ahead = _wheel.TicksToNextUsed();
            if (ahead < 0) return MonotonicTime.Never;
            uint tick = unchecked(_wheel.Next + (uint)ahead);
            if (TimerTick.Difference(tick, nowTick) > 0)
            {
                _wheel.MoveTo(unchecked(nowTick + 1));
                return TimerTick.ToTime(tick, now);
            }

            _wheel.MoveTo(tick);
            for (int handle = _wheel.HeadOf(tick); handle != 0; handle = _wheel.HeadOf(tick))
            {
                if (budget-- == 0) return now;
                LookAt(handle, now, nowTick, ref handler);
            }
        }
    }

    private static uint DeadlineOf(ref Connection<TAddress> connection) =>
        unchecked(connection.LastSeen + (connection.Timeout * TimerTick.PerSecond));

    private void LookAt<THandler>(int handle, MonotonicTime now, uint nowTick, ref THandler handler)
        where THandler : struct, IExpiryHandler<TAddress>
    {
        ref Connection<TAddress> connection = ref this[handle];
        if (connection.TimerNext != 0) _slab.Prefetch(connection.TimerNext);
        uint nextTimeout = (connection.Flags & ConnectionFlags.HasFlow) != 0 ? handler.ReadBack(handle, ref connection, now) : uint.MaxValue;
        uint deadline = DeadlineOf(ref connection);
        if (TimerTick.Difference(deadline, nowTick) <= 0)
        {
            uint seconds = handler.Expire(handle, ref connection, now);
            if (seconds == 0)
            {
                Remove(handle);
                return;
            }

            connection.LastSeen = TimerTick.AtOrAfter(now);
            connection.Timeout = seconds;
            deadline = DeadlineOf(ref connection);
        }
        else if (nextTimeout < connection.Timeout)
        {
            // A packet in the fast path will shorten the timeout without a word: the wheel must look when it could have run out.
            uint soonest = unchecked(nowTick + (nextTimeout * TimerTick.PerSecond));
            if (TimerTick.Difference(soonest, deadline) < 0) deadline = soonest;
        }

        Unlink(ref connection);
        Link(handle, ref connection, deadline);
    }

    private void StartTimer(int handle, MonotonicTime now)
    {
        if (_count == 0) _wheel.Restart(TimerTick.AtOrBefore(now));
        ref Connection<TAddress> connection = ref _slab[handle];
        connection.LastSeen = TimerTick.AtOrAfter(now);
        connection.Timeout = InitialTimeout;
        Link(handle, ref connection, DeadlineOf(ref connection));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ShortenTimeout(int handle, ref Connection<TAddress> connection, uint seconds)
    {
        connection.Timeout = seconds;
        uint deadline = DeadlineOf(ref connection);
        if (TimerTick.Difference(deadline, connection.TimerDue) >= 0) return;
        Unlink(ref connection);
        Link(handle, ref connection, deadline);
    }

    private void Link(int handle, ref Connection<TAddress> connection, uint deadline)
    {
        uint due = _wheel.Reach(deadline);
        int first = _wheel.HeadOf(due);
        connection.TimerDue = due;
        connection.TimerPrevious = 0;
        connection.TimerNext = first;
        if (first != 0) _slab[first].TimerPrevious = handle;
        _wheel.SetHead(due, handle);
    }

    private void Unlink(ref Connection<TAddress> connection)
    {
        int next = connection.TimerNext, previous = connection.TimerPrevious;
        if (next != 0) _slab[next].TimerPrevious = previous;
        if (previous != 0) _slab[previous].TimerNext = next;
        else _wheel.SetHead(connection.TimerDue, next);
    }
}
