using NetVS.Director.Connections;
using NetVS.Director.FullNat;
using NetVS.Director.Offload;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Offload;

public sealed class OffloadPolicyTests
{
    [Theory]
    [InlineData(ForwardingMethod.Nat, (int)TcpState.SynReceived, false, true)]
    [InlineData(ForwardingMethod.DirectRouting, (int)TcpState.SynReceived, false, true)]
    [InlineData(ForwardingMethod.Tunnel, (int)TcpState.SynReceived, false, true)]
    [InlineData(ForwardingMethod.Nat, (int)TcpState.SynReceived, true, false)]
    [InlineData(ForwardingMethod.Nat, (int)TcpState.Established, true, true)]
    [InlineData(ForwardingMethod.Nat, (int)TcpState.CloseWait, true, false)]
    [InlineData(ForwardingMethod.Nat, (int)TcpState.FinWait, false, true)]
    [InlineData(ForwardingMethod.Nat, (int)TcpState.TimeWait, false, false)]
    [InlineData(ForwardingMethod.Nat, (int)TcpState.Close, false, false)]
    public void Tcp(ForwardingMethod method, int state, bool isHalfFull, bool isWorthIt) =>
        OffloadPolicy.IsWorthIt(Connection(method, (TcpState)state), isHalfFull).ShouldBe(isWorthIt);

    [Theory]
    [InlineData((int)TcpState.SynReceived, (int)(FullNatFlags.HasRealIsn | FullNatFlags.HasAcknowledged), false)]
    [InlineData((int)TcpState.Established, (int)(FullNatFlags.HasRealIsn), false)]
    [InlineData((int)TcpState.Established, (int)(FullNatFlags.HasRealIsn | FullNatFlags.HasAcknowledged), true)]
    [InlineData((int)TcpState.Established, (int)(FullNatFlags.None), true)]
    public void FullNat_WaitsUntilNoClientAddressIsDue(int state, int flags, bool isWorthIt)
    {
        Connection<Ipv4Address> connection = Connection(ForwardingMethod.FullNat, (TcpState)state);
        connection.FullNatState = (byte)flags;
        OffloadPolicy.IsWorthIt(in connection, isHalfFull: false).ShouldBe(isWorthIt);
        OffloadPolicy.IsWorthIt(in connection, isHalfFull: true).ShouldBe(isWorthIt);
    }

    [Theory]
    [InlineData(ForwardingMethod.Nat, 1, false, true)]
    [InlineData(ForwardingMethod.FullNat, 1, false, true)]
    [InlineData(ForwardingMethod.Nat, 1, true, false)]
    [InlineData(ForwardingMethod.Nat, 2, true, true)]
    [InlineData(ForwardingMethod.DirectRouting, 1, false, false)]
    [InlineData(ForwardingMethod.DirectRouting, 2, false, true)]
    [InlineData(ForwardingMethod.Tunnel, 1, false, false)]
    [InlineData(ForwardingMethod.Tunnel, 2, false, true)]
    public void Udp(ForwardingMethod method, uint packets, bool isHalfFull, bool isWorthIt)
    {
        var connection = new Connection<Ipv4Address> { Method = method, Protocol = IpProtocol.Udp, InPackets = packets };
        OffloadPolicy.IsWorthIt(in connection, isHalfFull).ShouldBe(isWorthIt);
    }

    [Theory]
    [InlineData(63, false)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(128, true)]
    public void WhatFoundNoRoom_AsksAgainNowAndThen(uint packets, bool isWorthIt)
    {
        Connection<Ipv4Address> connection = Connection(ForwardingMethod.Nat, TcpState.Established);
        connection.Flags = ConnectionFlags.FlowRefused;
        connection.InPackets = packets;
        OffloadPolicy.IsWorthIt(in connection, isHalfFull: false).ShouldBe(isWorthIt);
    }

    [Fact]
    public void WhatIsOver_LeavesWhenRoomIsScarce()
    {
        OffloadPolicy.IsDone(TcpState.TimeWait, isHalfFull: true).ShouldBeTrue();
        OffloadPolicy.IsDone(TcpState.Close, isHalfFull: true).ShouldBeTrue();
        OffloadPolicy.IsDone(TcpState.TimeWait, isHalfFull: false).ShouldBeFalse();
        OffloadPolicy.IsDone(TcpState.FinWait, isHalfFull: true).ShouldBeFalse();
    }

    private static Connection<Ipv4Address> Connection(ForwardingMethod method, TcpState state) =>
        new() { Method = method, Protocol = IpProtocol.Tcp, State = (byte)state, InPackets = 1 };
}
