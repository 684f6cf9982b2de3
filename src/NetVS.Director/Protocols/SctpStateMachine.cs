// Reference §6.3 (events, table, timeouts), §5.3 (active and inactive); RFC 9260 §3.2 (chunks), §4 (states).
using System.Buffers.Binary;
using System.Diagnostics;
using NetVS.Director.Connections;
using NetVS.Packets.Headers;
using static NetVS.Director.Protocols.SctpState;

namespace NetVS.Director.Protocols;

/// <summary>SCTP's state machine as a balancer needs it: it watches the first chunk of every packet.</summary>
/// <remarks>As TCP's, a row for every direction and event and a column for every present state; which third applies follows from
/// <see cref="ConnectionFlags.NoOutput"/> in the same way.</remarks>
internal static class SctpStateMachine
{
    /// <summary>How many states there are.</summary>
    public const int StateCount = 14;

    private const int EventCount = 10;

    private const byte NO = (byte)None, I1 = (byte)Init1, IN = (byte)Init, CS = (byte)CookieSent, CR = (byte)CookieReplied, CW = (byte)CookieWait;
    private const byte CO = (byte)Cookie, CE = (byte)CookieEchoed, ES = (byte)Established, SS = (byte)ShutdownSent, SR = (byte)ShutdownReceived;
    private const byte SA = (byte)ShutdownAckSent, RJ = (byte)Rejected, CL = (byte)Closed;

    private static ReadOnlySpan<byte> Table =>
    [
        //                     NO  I1  IN  CS  CR  CW  CO  CE  ES  SS  SR  SA  RJ  CL
        /* input */
        /* data              */ ES, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* init              */ I1, IN, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, IN, IN,
        /* init ack          */ CW, CW, CW, CS, CR, CO, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* cookie echo       */ CR, IN, IN, CR, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* cookie ack        */ ES, I1, IN, CS, CR, CW, CO, ES, ES, SS, SR, SA, RJ, CL,
        /* shutdown          */ SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL,
        /* shutdown ack      */ CL, IN, IN, CS, CR, CW, CO, CE, ES, CL, SR, CL, RJ, CL,
        /* shutdown complete */ CL, CL, CL, CS, CR, CW, CO, CE, ES, SS, SR, CL, RJ, CL,
        /* error             */ CL, I1, IN, CS, CR, CW, CO, CL, ES, SS, SR, SA, RJ, CL,
        /* abort             */ CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL,
        /* output */
        /* data              */ ES, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* init              */ CW, CW, CW, CW, CW, CW, CW, CW, ES, CW, CW, CW, CW, CW,
        /* init ack          */ CS, CS, CS, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* cookie echo       */ CE, CE, CE, CE, CE, CE, CE, CE, ES, SS, SR, SA, RJ, CL,
        /* cookie ack        */ ES, ES, ES, ES, ES, ES, ES, ES, ES, SS, SR, SA, RJ, CL,
        /* shutdown          */ SS, SS, SS, SS, SS, SS, SS, SS, SS, SS, SR, SA, RJ, CL,
        /* shutdown ack      */ SA, SA, SA, SA, SA, CW, CO, CE, ES, SA, SA, SA, RJ, CL,
        /* shutdown complete */ CL, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* error             */ CL, CL, CL, CL, CL, CW, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* abort             */ CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL,
        /* input only */
        /* data              */ ES, I1, IN, CS, CR, ES, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* init              */ I1, IN, IN, IN, IN, IN, CO, CE, ES, SS, SR, SA, IN, IN,
        /* init ack          */ CE, CE, CE, CE, CE, CE, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* cookie echo       */ ES, ES, ES, ES, ES, ES, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* cookie ack        */ ES, I1, IN, ES, ES, CW, ES, ES, ES, SS, SR, SA, RJ, CL,
        /* shutdown          */ SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL,
        /* shutdown ack      */ CL, IN, IN, CS, CR, CW, CO, CE, CL, CL, SR, CL, RJ, CL,
        /* shutdown complete */ CL, CL, CL, CL, CL, CW, CO, CE, ES, SS, CL, CL, RJ, CL,
        /* error             */ CL, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL,
        /* abort             */ CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL,
    ];

    /// <summary>Reads what a packet means from its first chunk.</summary>
    /// <param name="l4">The packet from its common header on.</param>
    /// <param name="sctpEvent">What it means.</param>
    /// <returns>False when there is no chunk header.</returns>
    public static bool TryReadEvent(ReadOnlySpan<byte> l4, out SctpEvent sctpEvent)
    {
        sctpEvent = SctpEvent.Data;
        if (l4.Length < SctpHeader.Size + SctpChunkHeader.Size) return false;
        ReadOnlySpan<byte> chunk = l4[SctpHeader.Size..];
        var type = (SctpChunkType)chunk[0];
        sctpEvent = EventOf(type);

        // Reference §6.3: the answer to a cookie may be bundled with an ABORT.
        if (type is not (SctpChunkType.CookieEcho or SctpChunkType.CookieAck)) return true;
        int length = BinaryPrimitives.ReadUInt16BigEndian(chunk[2..]);
        int next = (length + 3) & ~3;
        if (length >= SctpChunkHeader.Size && next + SctpChunkHeader.Size <= chunk.Length && (SctpChunkType)chunk[next] == SctpChunkType.Abort)
            sctpEvent = SctpEvent.Abort;
        return true;
    }

    /// <summary>The state after an event.</summary>
    public static SctpState Next(PacketDirection direction, SctpEvent sctpEvent, SctpState state)
    {
        Debug.Assert((byte)state < StateCount, "not a state of SCTP");
        return (SctpState)Table[((((int)direction * EventCount) + (int)sctpEvent) * StateCount) + (int)state];
    }

    /// <summary>As IPVS prints the state.</summary>
    public static string NameOf(SctpState state) => state switch
    {
        None => "NONE",
        Init1 => "INIT1",
        Init => "INIT",
        CookieSent => "C-SENT",
        CookieReplied => "C-REPLIED",
        CookieWait => "C-WAIT",
        Cookie => "COOKIE",
        CookieEchoed => "C-ECHOED",
        Established => "ESTABLISHED",
        ShutdownSent => "S-SENT",
        ShutdownReceived => "S-RECEIVED",
        ShutdownAckSent => "S-ACK-SENT",
        Rejected => "REJECTED",
        Closed => "CLOSED",
        _ => "?",
    };

    /// <summary>Moves a connection by one packet: its state and its flags. Its timeout is the caller's next step.</summary>
    /// <param name="connection">An SCTP connection.</param>
    /// <param name="isReply">Whether the packet comes from the real server.</param>
    /// <param name="sctpEvent">What it means.</param>
    /// <returns>Whether its destination is to be told that it has become active or inactive.</returns>
    public static ActivityChange Step<TAddress>(ref Connection<TAddress> connection, bool isReply, SctpEvent sctpEvent)
        where TAddress : unmanaged
    {
        PacketDirection direction = isReply ? PacketDirection.Output : PacketDirection.Input;
        if ((connection.Flags & ConnectionFlags.NoOutput) != 0)
        {
            if (isReply) connection.Flags &= ~ConnectionFlags.NoOutput;
            else direction = PacketDirection.InputOnly;
        }

        SctpState next = Next(direction, sctpEvent, (SctpState)connection.State);
        if (connection.State == (byte)next) return ActivityChange.None;
        connection.State = (byte)next;
        bool wasActive = (connection.Flags & ConnectionFlags.Inactive) == 0;
        if (next == Established == wasActive) return ActivityChange.None;
        connection.Flags ^= ConnectionFlags.Inactive;
        return wasActive ? ActivityChange.BecameInactive : ActivityChange.BecameActive;
    }

    private static SctpEvent EventOf(SctpChunkType type) => type switch
    {
        SctpChunkType.Init => SctpEvent.Init,
        SctpChunkType.InitAck => SctpEvent.InitAck,
        SctpChunkType.Abort => SctpEvent.Abort,
        SctpChunkType.Shutdown => SctpEvent.Shutdown,
        SctpChunkType.ShutdownAck => SctpEvent.ShutdownAck,
        SctpChunkType.Error => SctpEvent.Error,
        SctpChunkType.CookieEcho => SctpEvent.CookieEcho,
        SctpChunkType.CookieAck => SctpEvent.CookieAck,
        SctpChunkType.ShutdownComplete => SctpEvent.ShutdownComplete,
        _ => SctpEvent.Data,
    };
}
