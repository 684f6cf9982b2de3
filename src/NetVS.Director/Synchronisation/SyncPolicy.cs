// Reference §14.4.

using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Director.Timing;
using NetVS.Packets;

namespace NetVS.Director.Synchronisation;

/// <summary>When a master announces a connection.</summary>
/// <remarks>
/// <para>What was announced last is one word of the connection, 0 before the first time: bits 0-3 the state, 4-5 the repetitions, 6-31 the end that was
/// announced, in ticks of the timing wheel modulo 2^26 (97 days): ends are compared by their difference.</para>
/// <para>Packets that the fast path forwards are not seen one by one. They come to be known some at a time, so the question is not whether this is
/// the packet, but whether it was among those since the last time.</para>
/// </remarks>
internal static class SyncPolicy
{
    private const int StateBits = 4, RetryBits = 2, EndShift = StateBits + RetryBits, EndBits = 32 - EndShift;
    private const uint StateMask = (1u << StateBits) - 1, RetryMask = (1u << RetryBits) - 1;
    private const int LeastRefresh = 10 * (int)TimerTick.PerSecond;

    private const uint TcpStates = (1u << (int)TcpState.Established) | (1u << (int)TcpState.FinWait) | (1u << (int)TcpState.Close)
        | (1u << (int)TcpState.CloseWait) | (1u << (int)TcpState.TimeWait);

    // ESTABLISHED, S-SENT, S-RECEIVED, S-ACK-SENT, CLOSED (reference §6.3).
    private const byte SctpEstablished = 8;
    private const uint SctpStates = (1u << SctpEstablished) | (1u << 9) | (1u << 10) | (1u << 11) | (1u << 13);

    /// <summary>The word of a connection that was made from a message in this state.</summary>
    public static uint Received(byte state) => state & StateMask;

    /// <summary>The state that was announced last.</summary>
    public static byte AnnouncedState(uint mark) => (byte)(mark & StateMask);

    /// <summary>Whether a word says that nothing was announced yet, by this director.</summary>
    public static bool IsFirst(uint mark) => mark >> EndShift == 0;

    /// <summary>The word of a connection of which this was announced.</summary>
    public static uint Announced(uint end, uint retries, byte state) => (end << EndShift) | (retries << StateBits) | (state & StateMask);

    /// <summary>The word of a connection whose next packet must be announced, whatever was before.</summary>
    public static uint Forgotten(uint mark) => mark & StateMask;

    /// <summary>When a connection ends if no further packet comes, in ticks.</summary>
    public static uint EndOf<TAddress>(in Connection<TAddress> connection, MonotonicTime now)
        where TAddress : unmanaged => unchecked(TimerTick.AtOrBefore(now) + (connection.Timeout * TimerTick.PerSecond));

    /// <summary>By how many ticks an end lies behind the one that was announced: a signed number of 26 bits, both ends in the high bits.</summary>
    public static int Moved(uint mark, uint end) => unchecked((int)((end << EndShift) - (mark >> EndShift << EndShift))) >> (32 - EndBits);

    /// <summary>The states of a protocol in which a connection is announced, a bit each.</summary>
    public static uint StatesOf(IpProtocol protocol) => protocol switch { IpProtocol.Tcp => TcpStates, IpProtocol.Sctp => SctpStates, _ => uint.MaxValue };

    /// <summary>Decides, and notes that it is announced now.</summary>
    /// <param name="connection">A connection or template whose timer has just been restarted.</param>
    /// <param name="packetsBefore">Its packets when the question was asked last, modulo 2^32.</param>
    /// <param name="terms">The settings.</param>
    /// <param name="now">The time.</param>
    public static bool IsDue<TAddress>(ref Connection<TAddress> connection, uint packetsBefore, in SyncTerms terms, MonotonicTime now)
        where TAddress : unmanaged
    {
        bool isTemplate = (connection.Flags & ConnectionFlags.Template) != 0;
        uint mark = connection.SyncMark, retries = 0;
        bool isEnding = false;
        if (!isTemplate && StatesOf(connection.Protocol) is var states && states != uint.MaxValue)
        {
            byte established = connection.Protocol == IpProtocol.Sctp ? SctpEstablished : (byte)TcpState.Established;
            if (((states >> connection.State) & 1) == 0) return false;
            isEnding = connection.State != (mark & StateMask) && connection.State != established;
        }

        uint end = EndOf(in connection, now);
        if (!isEnding)
        {
            if (!HasMoved(mark, end, connection.Timeout, in terms, ref retries)) return false;
            if (!IsItsTurn(isTemplate, packetsBefore, connection.InPackets, in terms)) return false;
        }

        connection.SyncMark = Announced(end, retries, connection.State);
        return true;
    }

    /// <summary>Whether the packets behind the first count, up to the second, have one whose turn it is.</summary>
    internal static bool HasCrossed(uint before, uint after, int threshold, int period)
    {
        if (before == after) return false;

        // A count that has run over: since the beginning of its second round.
        if (after < before) before = 0;
        if (period == 0) return before < (uint)threshold && (uint)threshold <= after;
        return Math.DivRem((long)after - threshold + period, period).Quotient > Math.DivRem((long)before - threshold + period, period).Quotient;
    }

    private static bool HasMoved(uint mark, uint end, uint timeout, in SyncTerms terms, ref uint retries)
    {
        if (terms.RefreshPeriod == 0 || IsFirst(mark)) return true;

        int moved = Moved(mark, end);
        long refresh = (long)terms.RefreshPeriod * TimerTick.PerSecond;
        long least = Math.Max((long)timeout * TimerTick.PerSecond / 2, LeastRefresh);
        if (Math.Abs((long)moved) >= Math.Min(refresh, least)) return true;
        retries = (mark >> StateBits) & RetryMask;
        if (retries >= (uint)terms.Retries || moved < refresh / 8) return false;
        retries++;
        return true;
    }

    private static bool IsItsTurn(bool isTemplate, uint before, uint after, in SyncTerms terms)
    {
        if (terms.Period > 0) return isTemplate || HasCrossed(before, after, terms.Threshold, terms.Period);
        return terms.RefreshPeriod > 0 || HasCrossed(before, after, terms.Threshold, 0);
    }
}
