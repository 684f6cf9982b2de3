using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Packets.Headers;
using static NetVS.Director.Protocols.SctpEvent;

namespace NetVS.Director.Tests.Protocols;

/// <summary>Reference §6.3: the table by walks worked out by hand, and single cells that are easily wrong.</summary>
public sealed class SctpStateMachineTests
{
    [Fact]
    public void Nat_HandshakeAndShutdown_WalksThroughBothEndsStates()
    {
        Connection<Ipv4Address> connection = Fresh(ConnectionFlags.Inactive);
        Walk(ref connection, (false, Init), (true, InitAck), (false, CookieEcho), (true, CookieAck), (true, Data), (false, Shutdown), (true, ShutdownAck), (false, ShutdownComplete))
            .ShouldBe(["INIT1", "C-SENT", "C-REPLIED", "ESTABLISHED", "ESTABLISHED", "S-RECEIVED", "S-ACK-SENT", "CLOSED"]);
    }

    [Fact]
    public void Nat_ServerShutsDown_AndClientAborts()
    {
        Connection<Ipv4Address> connection = Fresh(ConnectionFlags.Inactive);
        Walk(ref connection, (false, Init), (false, Init), (true, InitAck), (false, CookieEcho), (true, CookieAck), (true, Shutdown), (false, ShutdownAck))
            .ShouldBe(["INIT1", "INIT", "C-SENT", "C-REPLIED", "ESTABLISHED", "S-SENT", "CLOSED"]);
        connection.State = (byte)SctpState.CookieWait;
        Walk(ref connection, (false, Abort), (false, Init)).ShouldBe(["REJECTED", "INIT"]);
    }

    [Fact]
    public void DirectRouting_OnlyRequestsAreSeen()
    {
        Connection<Ipv4Address> connection = Fresh(ConnectionFlags.Inactive | ConnectionFlags.NoOutput);
        Walk(ref connection, (false, Init), (false, CookieEcho), (false, Data), (false, Shutdown), (false, ShutdownComplete))
            .ShouldBe(["INIT1", "ESTABLISHED", "ESTABLISHED", "S-RECEIVED", "CLOSED"]);
        (connection.Flags & ConnectionFlags.NoOutput).ShouldBe(ConnectionFlags.NoOutput);
        Walk(ref connection, (true, InitAck));
        (connection.Flags & ConnectionFlags.NoOutput).ShouldBe(ConnectionFlags.None, "a reply came by after all");
    }

    [Fact]
    public void OnlyEstablished_IsActive()
    {
        Connection<Ipv4Address> connection = Fresh(ConnectionFlags.Inactive);
        SctpStateMachine.Step(ref connection, false, Init).ShouldBe(ActivityChange.None);
        SctpStateMachine.Step(ref connection, true, InitAck).ShouldBe(ActivityChange.None);
        SctpStateMachine.Step(ref connection, true, CookieAck).ShouldBe(ActivityChange.BecameActive);
        SctpStateMachine.Step(ref connection, false, Abort).ShouldBe(ActivityChange.BecameInactive);
    }

    [Fact]
    public void Timeouts_AreThoseOfTheReference() => Enumerable.Range(0, SctpStateMachine.StateCount).Select(s => ProtocolTimeouts.OfSctp((SctpState)s))
        .ShouldBe([2, 4, 61, 61, 61, 61, 61, 61, 900, 61, 61, 61, 4, 61]);

    [Theory]
    [InlineData(new byte[] { 10, 0, 0, 4, 6, 0, 0, 4 }, Abort)]
    [InlineData(new byte[] { 11, 0, 0, 4, 6, 0, 0, 4 }, Abort)]
    [InlineData(new byte[] { 10, 0, 0, 5, 1, 0, 0, 0, 6, 0, 0, 4 }, Abort)]
    [InlineData(new byte[] { 10, 0, 0, 4, 0, 0, 0, 4 }, CookieEcho)]
    [InlineData(new byte[] { 10, 0, 0, 3, 6, 0, 0, 4 }, CookieEcho)]
    [InlineData(new byte[] { 10, 0, 255, 255, 6, 0, 0, 4 }, CookieEcho)]
    [InlineData(new byte[] { 0, 0, 0, 4, 6, 0, 0, 4 }, Data)]
    [InlineData(new byte[] { 12, 0, 0, 4 }, Data)]
    [InlineData(new byte[] { 14, 0, 0, 4 }, ShutdownComplete)]
    [InlineData(new byte[] { 192, 0, 0, 4 }, Data)]
    public void Event_IsTheFirstChunks_OrAnAbortBehindACookie(byte[] chunks, object expected)
    {
        SctpStateMachine.TryReadEvent([.. new byte[SctpHeader.Size], .. chunks], out SctpEvent sctpEvent).ShouldBeTrue();
        sctpEvent.ShouldBe((SctpEvent)expected);
    }

    [Fact]
    public void Event_WithoutAChunkHeader_IsNone() => SctpStateMachine.TryReadEvent(new byte[15], out _).ShouldBeFalse();

    private static Connection<Ipv4Address> Fresh(ConnectionFlags flags) => new() { Flags = flags };

    private static List<string> Walk(ref Connection<Ipv4Address> connection, params (bool IsReply, object Event)[] packets)
    {
        List<string> states = [];
        foreach ((bool isReply, object sctpEvent) in packets)
        {
            SctpStateMachine.Step(ref connection, isReply, (SctpEvent)sctpEvent);
            states.Add(SctpStateMachine.NameOf((SctpState)connection.State));
        }

        return states;
    }
}
