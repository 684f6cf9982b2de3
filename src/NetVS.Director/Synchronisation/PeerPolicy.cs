using NetVS.Director.Connections;
using NetVS.Director.Timing;
using NetVS.Packets;

namespace NetVS.Director.Synchronisation;

/// <summary>When peers are told of a connection again.</summary>
/// <remarks>
/// What is told arrives, or everything is told anew: so once is enough until something of it changes. Told are: a connection that is established, each
/// state it enters afterwards, and an end that has moved by a quarter of the timeout, so that the other side keeps three quarters at least.
/// </remarks>
internal static class PeerPolicy
{
    /// <summary>Whether peers hear of a connection in this state at all: half-open ones they do not.</summary>
    public static bool IsTold<TAddress>(in Connection<TAddress> connection)
        where TAddress : unmanaged =>
        (connection.Flags & ConnectionFlags.OnePacket) == 0 && ((SyncPolicy.StatesOf(connection.Protocol) >> connection.State) & 1) != 0;

    /// <summary>Decides, and notes that it is told now.</summary>
    /// <param name="connection">A connection whose timer has just been restarted.</param>
    /// <param name="least">Packets before a datagram's connection is worth telling.</param>
    /// <param name="now">The time.</param>
    public static bool IsDue<TAddress>(ref Connection<TAddress> connection, int least, MonotonicTime now)
        where TAddress : unmanaged
    {
        if (!IsTold(in connection)) return false;
        if (connection.Protocol == IpProtocol.Udp && connection.InPackets < (uint)least) return false;
        uint end = SyncPolicy.EndOf(in connection, now), mark = connection.SyncMark;
        bool isNews = SyncPolicy.IsFirst(mark) || SyncPolicy.AnnouncedState(mark) != connection.State;
        if (!isNews && Math.Abs((long)SyncPolicy.Moved(mark, end)) < (long)connection.Timeout * TimerTick.PerSecond / 4) return false;
        connection.SyncMark = SyncPolicy.Announced(end, 0, connection.State);
        return true;
    }
}
