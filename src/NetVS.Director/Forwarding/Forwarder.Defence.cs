// Reference §4.5.

using NetVS.Director.Connections;
using NetVS.Director.Defence;
using NetVS.Director.Protocols;
using NetVS.Director.Timing;
using NetVS.Packets;

namespace NetVS.Director.Forwarding;

/// <content>What is given up under overload: new connections (drop_packet), and entries that are likely nobody's (drop_entry).</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private readonly Thinning _thinning = new();

    /// <summary>How many connections one thinning looks at: every 32nd of the places that were ever used.</summary>
    public int LooksOfThinning => Thinning.LooksAt(_connections.HighestHandle);

    /// <summary>Looks at connections chosen at random and ends those that are expendable.</summary>
    public void ThinOut(int looks, MonotonicTime now)
    {
        for (; looks > 0; looks--)
        {
            int handle = 1 + (int)_worker.Random.NextBelow((uint)_connections.HighestHandle);
            if (!_connections.IsLive(handle) || !IsExpendable(handle, ref _connections[handle], now)) continue;
            End(handle, now, isForced: true);
            _worker.Count(ForwardingEvent.ConnectionGivenUp);
        }
    }

    /// <summary>Whether a packet that would begin a connection is dropped: one in so many (drop_packet).</summary>
    private bool MustDropNew()
    {
        int rate = _worker.Engine.Defence.DropRate;
        if (rate == 0 || --_worker.BeginningsUntilDrop > 0) return false;
        _worker.BeginningsUntilDrop = rate;
        return true;
    }

    private bool IsExpendable(int handle, ref Connection<TAddress> connection, MonotonicTime now)
    {
        if (ControlsOthers(in connection)) return false;
        if (connection.Protocol == IpProtocol.Tcp)
        {
            if ((TcpState)connection.State is TcpState.SynReceived or TcpState.SynAck) return true;
            if ((TcpState)connection.State != TcpState.Established) return false;
        }
        else if (connection.Protocol == IpProtocol.Sctp)
        {
            if ((SctpState)connection.State is SctpState.Init or SctpState.Init1) return true;
            if ((SctpState)connection.State != SctpState.Established) return false;
        }

        if ((connection.Flags & ConnectionFlags.HasFlow) != 0) ReadBack(handle, ref connection, now);
        int idle = TimerTick.Difference(TimerTick.AtOrBefore(now), connection.LastSeen);
        return idle >= Thinning.LeastIdleTicks && _thinning.IsNext(connection.InPackets);
    }
}
