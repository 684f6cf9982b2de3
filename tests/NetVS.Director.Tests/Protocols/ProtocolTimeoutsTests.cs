using NetVS.Director.Protocols;
using NetVS.Packets;

namespace NetVS.Director.Tests.Protocols;

public sealed class ProtocolTimeoutsTests
{
    [Theory]
    [InlineData(TcpState.None, 2)]
    [InlineData(TcpState.Established, 900)]
    [InlineData(TcpState.SynSent, 120)]
    [InlineData(TcpState.SynReceived, 60)]
    [InlineData(TcpState.FinWait, 120)]
    [InlineData(TcpState.TimeWait, 120)]
    [InlineData(TcpState.Close, 10)]
    [InlineData(TcpState.CloseWait, 60)]
    [InlineData(TcpState.LastAck, 30)]
    [InlineData(TcpState.Listen, 120)]
    [InlineData(TcpState.SynAck, 120)]
    internal void OfTcp_Default_IsTheReferences(TcpState state, uint seconds) => new ProtocolTimeouts().OfTcp(state).ShouldBe(seconds);

    [Fact]
    public void Current_Default_Is900_120_300() => new ProtocolTimeouts().Current.ShouldBe(new DirectorTimeouts(900, 120, 300));

    [Fact]
    public void TrySet_AllThree_ChangesEstablishedFinWaitAndUdpOnly()
    {
        var timeouts = new ProtocolTimeouts();
        timeouts.TrySet(new DirectorTimeouts(1, 2, 3)).ShouldBeTrue();
        timeouts.Current.ShouldBe(new DirectorTimeouts(1, 2, 3));
        uint[] tcp = [.. Enum.GetValues<TcpState>().Select(timeouts.OfTcp)];
        tcp.ShouldBe([2u, 1, 120, 60, 2, 120, 10, 60, 30, 120, 120]);
    }

    [Fact]
    public void TrySet_Zero_LeavesAsItIs()
    {
        var timeouts = new ProtocolTimeouts();
        timeouts.TrySet(new DirectorTimeouts(0, 0, 17)).ShouldBeTrue();
        timeouts.Current.ShouldBe(new DirectorTimeouts(900, 120, 17));
        timeouts.TrySet(default).ShouldBeTrue();
        timeouts.Current.ShouldBe(new DirectorTimeouts(900, 120, 17));
    }

    [Theory]
    [InlineData(-1, 5, 5)]
    [InlineData(5, -1, 5)]
    [InlineData(5, 5, -1)]
    [InlineData(ProtocolTimeouts.Maximum + 1, 5, 5)]
    [InlineData(5, 5, int.MaxValue)]
    public void TrySet_OneOutOfRange_ChangesNothing(int tcp, int tcpFin, int udp)
    {
        var timeouts = new ProtocolTimeouts();
        timeouts.TrySet(new DirectorTimeouts(tcp, tcpFin, udp)).ShouldBeFalse();
        timeouts.Current.ShouldBe(new DirectorTimeouts(900, 120, 300));
    }

    [Fact]
    public void TrySet_Maximum_IsAccepted() =>
        new ProtocolTimeouts().TrySet(new DirectorTimeouts(ProtocolTimeouts.Maximum, 0, 0)).ShouldBeTrue();

    [Fact]
    public void UdpState_IsPrintedUdp() => ProtocolStates.NameOf(IpProtocol.Udp, UdpStateMachine.State).ShouldBe("UDP");
}
