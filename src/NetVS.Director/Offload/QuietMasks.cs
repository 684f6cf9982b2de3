using NetVS.Director.Connections;
using NetVS.Director.Protocols;

namespace NetVS.Director.Offload;

/// <summary>Which segments tell the state machine nothing new.</summary>
/// <remarks>
/// A segment may pass unreported when it leaves the connection's state and flags as they are: then all it does is restart the timer, and the line's
/// last_seen says that. Computed once from the state machine's own tables, for every table, direction and state.
/// </remarks>
internal static class QuietMasks
{
    private const int Directions = 3;

    private static readonly (TcpEvent Event, FlowEvents Bit)[] s_events =
        [(TcpEvent.Syn, FlowEvents.Syn), (TcpEvent.Fin, FlowEvents.Fin), (TcpEvent.Ack, FlowEvents.Ack), (TcpEvent.Rst, FlowEvents.Rst)];

    private static readonly byte[] s_masks = Compute();

    /// <summary>The mask for the packets of one direction of a connection as it is now.</summary>
    /// <param name="state">The TCP state.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="isReply">Whether the packets come from the real server.</param>
    /// <param name="secure">Whether secure_tcp's table is in force.</param>
    public static FlowEvents Of(TcpState state, ConnectionFlags flags, bool isReply, bool secure)
    {
        bool hasNoOutput = (flags & ConnectionFlags.NoOutput) != 0;

        // The first reply that is seen changes the flag, whatever it says.
        if (isReply && hasNoOutput) return FlowEvents.None;
        PacketDirection direction = isReply ? PacketDirection.Output : hasNoOutput ? PacketDirection.InputOnly : PacketDirection.Input;
        return (FlowEvents)s_masks[IndexOf(secure, direction, state)];
    }

    private static int IndexOf(bool secure, PacketDirection direction, TcpState state) =>
        ((((secure ? 1 : 0) * Directions) + (int)direction) * TcpStateMachine.StateCount) + (int)state;

    private static byte[] Compute()
    {
        byte[] masks = new byte[2 * Directions * TcpStateMachine.StateCount];
        foreach (bool secure in (ReadOnlySpan<bool>)[false, true])
        {
            for (var direction = PacketDirection.Input; direction <= PacketDirection.InputOnly; direction++)
            {
                for (var state = TcpState.None; state < (TcpState)TcpStateMachine.StateCount; state++)
                {
                    foreach ((TcpEvent tcpEvent, FlowEvents bit) in s_events)
                    {
                        if (TcpStateMachine.Next(secure, direction, tcpEvent, state) == state) masks[IndexOf(secure, direction, state)] |= (byte)bit;
                    }
                }
            }
        }

        return masks;
    }
}
