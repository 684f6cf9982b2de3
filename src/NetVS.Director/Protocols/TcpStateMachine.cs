// Reference §6.1 (events, tables, timeouts), §5.3 (active and inactive).
using System.Diagnostics;
using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using static NetVS.Director.Protocols.TcpState;

namespace NetVS.Director.Protocols;

/// <summary>TCP's state machine as a balancer needs it: it watches, and must never be stricter than the two ends.</summary>
/// <remarks>
/// Two tables, the normal one and secure_tcp's; each has a row for every direction and event, and a column for every present
/// state. Which third of a table applies follows from <see cref="ConnectionFlags.NoOutput"/>: it is set while no reply has
/// been seen (DR, TUN), and the first reply that is seen clears it for good.
/// </remarks>
internal static class TcpStateMachine
{
    /// <summary>How many states there are.</summary>
    public const int StateCount = 11;

    private const int FinFlag = 0x01, SynFlag = 0x02, RstFlag = 0x04, AckFlag = 0x10;
    private const int EventCount = 4;

    /// <summary>Bit n: state n counts as active.</summary>
    private const uint ActiveStates =
        (1u << (int)Established) | (1u << (int)SynSent) | (1u << (int)SynReceived) | (1u << (int)SynAck);

    private const byte NO = (byte)None, ES = (byte)Established, SS = (byte)SynSent, SR = (byte)SynReceived, FW = (byte)FinWait;
    private const byte TW = (byte)TimeWait, CL = (byte)Close, CW = (byte)CloseWait, LA = (byte)LastAck, LI = (byte)Listen;
    private const byte SA = (byte)SynAck;

    private static ReadOnlySpan<byte> NormalTable =>
    [
        //          NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
        /* in  */
        /* syn */   SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR,
        /* fin */   CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW,
        /* ack */   ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES,
        /* rst */   CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR,
        /* out */
        /* syn */   SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR,
        /* fin */   TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW,
        /* ack */   ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES,
        /* rst */   CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL,
        /* input only */
        /* syn */   SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR,
        /* fin */   CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW,
        /* ack */   ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES,
        /* rst */   CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL,
    ];

    private static ReadOnlySpan<byte> SecureTable =>
    [
        //          NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA
        /* in  */
        /* syn */   SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SA,
        /* fin */   CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, SA,
        /* ack */   ES, ES, SS, SR, FW, TW, CL, CW, CL, LI, SA,
        /* rst */   CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL,
        /* out */
        /* syn */   SS, ES, SS, SA, SS, SS, SS, SS, SS, LI, SA,
        /* fin */   TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW,
        /* ack */   ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES,
        /* rst */   CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL,
        /* input only */
        /* syn */   SA, ES, ES, SR, SA, SA, SA, SA, SA, SA, SA,
        /* fin */   CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW,
        /* ack */   ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES,
        /* rst */   CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL,
    ];

    /// <summary>What a segment with these flags (the octet with CWR to FIN, RFC 9293 §3.1) means.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TcpEvent EventOf(byte flags)
    {
        if ((flags & (RstFlag | SynFlag | FinFlag | AckFlag)) == AckFlag) return TcpEvent.Ack;
        if ((flags & RstFlag) != 0) return TcpEvent.Rst;
        if ((flags & SynFlag) != 0) return TcpEvent.Syn;
        return (flags & FinFlag) != 0 ? TcpEvent.Fin : TcpEvent.None;
    }

    /// <summary>The state after an event.</summary>
    /// <param name="secure">Whether secure_tcp's table is in force.</param>
    /// <param name="direction">Where the segment came from.</param>
    /// <param name="tcpEvent">What it means.</param>
    /// <param name="state">The present state.</param>
    public static TcpState Next(bool secure, PacketDirection direction, TcpEvent tcpEvent, TcpState state)
    {
        Debug.Assert((byte)state < StateCount, "not a state of TCP");
        if (tcpEvent == TcpEvent.None) return Close;
        ReadOnlySpan<byte> table = secure ? SecureTable : NormalTable;
        return (TcpState)table[((((int)direction * EventCount) + (int)tcpEvent) * StateCount) + (int)state];
    }

    /// <summary>Whether a segment leaves the state as it is, whichever table is in force and wherever it came from: an ACK of an established connection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSteady(TcpState state, byte flags) => state == Established && EventOf(flags) == TcpEvent.Ack;

    /// <summary>Whether a connection in this state counts among its destination's active ones.</summary>
    public static bool IsActive(TcpState state) => ((ActiveStates >> (int)state) & 1) != 0;

    /// <summary>As IPVS prints the state.</summary>
    public static string NameOf(TcpState state) => state switch
    {
        None => "NONE",
        Established => "ESTABLISHED",
        SynSent => "SYN_SENT",
        SynReceived => "SYN_RECV",
        FinWait => "FIN_WAIT",
        TimeWait => "TIME_WAIT",
        Close => "CLOSE",
        CloseWait => "CLOSE_WAIT",
        LastAck => "LAST_ACK",
        Listen => "LISTEN",
        SynAck => "SYNACK",
        _ => "ERR!",
    };

    /// <summary>Moves a connection by one segment: its state and its flags. Its timeout is the caller's next step.</summary>
    /// <param name="connection">A TCP connection.</param>
    /// <param name="isReply">Whether the segment comes from the real server.</param>
    /// <param name="flags">The segment's flags.</param>
    /// <param name="secure">Whether secure_tcp's table is in force.</param>
    /// <returns>Whether its destination is to be told that it has become active or inactive.</returns>
    public static ActivityChange Step<TAddress>(ref Connection<TAddress> connection, bool isReply, byte flags, bool secure)
        where TAddress : unmanaged
    {
        PacketDirection direction = isReply ? PacketDirection.Output : PacketDirection.Input;
        if ((connection.Flags & ConnectionFlags.NoOutput) != 0)
        {
            if (isReply) connection.Flags &= ~ConnectionFlags.NoOutput;
            else direction = PacketDirection.InputOnly;
        }

        var state = (TcpState)connection.State;
        TcpState next = Next(secure, direction, EventOf(flags), state);
        return next == state ? ActivityChange.None : Enter(ref connection, next);
    }

    private static ActivityChange Enter<TAddress>(ref Connection<TAddress> connection, TcpState next)
        where TAddress : unmanaged
    {
        connection.State = (byte)next;
        bool wasActive = (connection.Flags & ConnectionFlags.Inactive) == 0;
        if (IsActive(next) == wasActive) return ActivityChange.None;
        connection.Flags ^= ConnectionFlags.Inactive;
        return wasActive ? ActivityChange.BecameInactive : ActivityChange.BecameActive;
    }
}
