using System.Globalization;
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

    /// <summary>Recorded from a Linux 6.1 kernel with IPVS: what <c>ipvsadm -Lc</c> showed after a client's packets with these chunks.</summary>
    [Theory]
    [InlineData("1", "INIT1", "INIT1")]
    [InlineData("1,1", "INIT", "INIT")]
    [InlineData("1,10", "ESTABLISHED", "INIT")]
    [InlineData("1,11", "INIT1", "INIT1")]
    [InlineData("1,0", "INIT1", "INIT1")]
    [InlineData("1,10,7", "S-RECEIVED", "INIT")]
    [InlineData("1,10,7,14", "CLOSED", "CLOSED")]
    [InlineData("1,10,8", "CLOSED", "INIT")]
    [InlineData("1,9", "INIT1", "INIT1")]
    [InlineData("1,10+6", "CLOSED", "CLOSED")]
    [InlineData("1,2", "C-ECHOED", "C-WAIT")]
    [InlineData("1,2,11", "ESTABLISHED", "C-WAIT")]
    [InlineData("1,7", "INIT1", "INIT1")]
    public void ClientsPackets_LeadWhereTheyLeadInIpvs(string packets, string byDirectRouting, string byNat)
    {
        foreach ((ConnectionFlags flags, string expected) in new[]
            { (ConnectionFlags.Inactive | ConnectionFlags.NoOutput, byDirectRouting), (ConnectionFlags.Inactive, byNat) })
        {
            Connection<Ipv4Address> connection = Fresh(flags);
            foreach (string packet in packets.Split(','))
            {
                byte[] chunks = [.. packet.Split('+').SelectMany(c => new byte[] { byte.Parse(c, CultureInfo.InvariantCulture), 0, 0, 4 })];
                SctpStateMachine.TryReadEvent([.. new byte[SctpHeader.Size], .. chunks], out SctpEvent sctpEvent).ShouldBeTrue();
                SctpStateMachine.Step(ref connection, false, sctpEvent);
            }

            SctpStateMachine.NameOf((SctpState)connection.State).ShouldBe(expected, packets);
        }
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
