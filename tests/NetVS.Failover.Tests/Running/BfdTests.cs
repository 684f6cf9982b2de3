using System.Net;
using System.Net.Sockets;
using NetVS.Bfd.Wire;
using NetVS.Failover.Bfd;

namespace NetVS.Failover.Tests.Running;

/// <summary>BFD on a real host: with keepalived's, with its own, and with whoever means harm.</summary>
public sealed class BfdTests : IDisposable
{
    private const string Vip = "192.0.2.100", OtherVip = "192.0.2.101";
    private readonly VrrpPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void Keepalived_AndNetVS_FollowTheSession_WithTheirVrrp()
    {
        _pair.StartKeepalived(Both("192.0.2.1", 52, OtherVip), "--all");
        _pair.StartOwn(Both("192.0.2.2", 51, Vip));
        VrrpPair.WaitFor(() => _pair.OwnHas(Vip) && _pair.OtherHas(OtherVip), "the session is up on both sides", () => $"{_pair.BfdStatus()}\n{_pair.Status()}\n{_pair.Log}");
        _pair.BfdStatus().ShouldContain("b: up for");
        _pair.BfdStatus().ShouldNotContain("not taken");

        // What NetVS sends gets lost: keepalived hears nothing for the detection time, and says so to NetVS.
        _pair.Own.Ip("route add blackhole 192.0.2.2/32");
        VrrpPair.WaitFor(() => !_pair.OwnHas(Vip) && !_pair.OtherHas(OtherVip), "the session is down on both sides", () => $"{_pair.BfdStatus()}\n{_pair.Status()}\n{_pair.Log}");
        _pair.Status().ShouldContain("FAULT: bfd_instance b is down");
        _pair.Own.Ip("route del blackhole 192.0.2.2/32");
        VrrpPair.WaitFor(() => _pair.OwnHas(Vip) && _pair.OtherHas(OtherVip), "the session is up again", () => $"{_pair.BfdStatus()}\n{_pair.Log}");
        _pair.StopKeepalived();
        VrrpPair.WaitFor(() => !_pair.OwnHas(Vip), "keepalived has gone", () => $"{_pair.BfdStatus()}\n{_pair.Log}");
    }

    [Fact]
    public void TwoNetVS_OverIpv6_AndOverRouters_ComeUpAndTellOfTheirEnd()
    {
        const string Numbers = "min_rx 50\n min_tx 50\n multiplier 3\n";
        BfdService other = _pair.BeginOtherBfd(Session("six", "2001:db8::1", Numbers + "source_ip 2001:db8::2\n passive\n") + Session("far", "192.0.2.1", Numbers + "multihop\n max_hops 5\n"));
        try
        {
            _pair.Own.Ip("addr add 2001:db8::1/64 dev e0 nodad");
            _pair.Other.Ip("addr add 2001:db8::2/64 dev e0 nodad");
            _pair.StartOwn(Session("six", "2001:db8::2", Numbers) + Session("far", "192.0.2.2", Numbers + "multihop\n max_hops 5\n"));
            VrrpPair.WaitFor(() => _pair.BfdStatus() is { } s && s.Contains("six: up", StringComparison.Ordinal) && s.Contains("far: up", StringComparison.Ordinal), "both are up", () => $"{_pair.BfdStatus()}\n{_pair.Log}");
            _pair.BfdStatus().ShouldContain("neighbour 192.0.2.2 (multihop), sends each 50 ms, gives up after 150 ms");

            // Another number is agreed on without leaving Up.
            _pair.Reload(Session("six", "2001:db8::2", "min_rx 400\n min_tx 50\n multiplier 3\n") + Session("far", "192.0.2.2", Numbers + "multihop\n max_hops 5\n"));
            VrrpPair.WaitFor(() => string.Join('\n', other.ReadStatus()).Contains("six: up", StringComparison.Ordinal) && string.Join('\n', other.ReadStatus()).Contains("sends each 400 ms", StringComparison.Ordinal), "the other end sends as seldom as it is asked to", () => string.Join('\n', other.ReadStatus()));
            _pair.BfdStatus().ShouldContain("came up 1 times");
        }
        finally
        {
            other.End(isForwardingKept: false);
        }

        VrrpPair.WaitFor(() => _pair.BfdStatus().Contains("far: down", StringComparison.Ordinal), "it is told that the other end is held down", () => _pair.BfdStatus());
        _pair.Log.ShouldContain("the neighbour says that its session is down (AdministrativelyDown)");
    }

    [Fact]
    public void HostilePackets_AreCountedByReason_AndDoNothing()
    {
        BfdService other = _pair.BeginOtherBfd(Session("b", "192.0.2.1", "min_rx 50\n min_tx 50\n"));
        try
        {
            _pair.StartOwn(Session("b", "192.0.2.2", "min_rx 50\n min_tx 50\n"));
            VrrpPair.WaitFor(() => _pair.BfdStatus().Contains("b: up", StringComparison.Ordinal), "it is up", () => $"{_pair.BfdStatus()}\n{_pair.Log}");
            byte[] down = new byte[BfdPacket.Size];
            new BfdPacket(BfdState.Down, BfdDiagnostic.None, false, false, false, 3, 77, 0, 1_000_000, 1_000_000).Write(down);
            byte[] named = [.. down];
            named[11] = 99;
            _pair.Other.Run(() =>
            {
                Send(254, down);
                Send(255, down.AsSpan(0, 20));
                Send(255, named);
                named[0] = 0xA5;
                Send(255, named);
            });
            VrrpPair.WaitFor(() => new[] { "hops", "too_short", "unknown_session", "version" }.All(n => _pair.BfdStatus().Contains($"1 packets not taken, {n}:", StringComparison.Ordinal)), "every one is counted", _pair.BfdStatus);
            _pair.BfdStatus().ShouldContain("b: up");
            _pair.BfdStatus().ShouldContain("came up 1 times");
        }
        finally
        {
            other.End(isForwardingKept: false);
        }
    }

    [Theory]
    [InlineData("neighbor_ip 192.0.2.2\n source_ip 2001:db8::1", "of different families")]
    [InlineData("neighbor_ip fe80::2", "link-local neighbor_ip is not supported")]
    public void Session_ThatCannotBe_IsRefusedAtItsPlace(string lines, string message)
    {
        ConfigurationText.BfdPlans($"\nbfd_instance b {{\n{lines}\n}}\n", out Failover.Plan.PlanProblems problems).ShouldBeEmpty();
        problems.Items.ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => p.Message.ShouldContain(message), p => p.Position.Line.ShouldBe(2));
    }

    private static string Session(string name, string neighbour, string lines) => $"bfd_instance {name} {{\n neighbor_ip {neighbour}\n {lines}}}\n";

    private static string Both(string neighbour, int id, string address) =>
        Session("b", neighbour, "min_rx 100\n min_tx 100\n multiplier 3\n") + VrrpPair.Instance("V", id, 100, "version 3\n advert_int 0.1\n track_bfd {\n  b\n }", address + "/24");

    private static void Send(short timeToLive, ReadOnlySpan<byte> octets)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Ttl = timeToLive };
        socket.SendTo(octets, new IPEndPoint(IPAddress.Parse("192.0.2.1"), BfdPlan.SingleHopPort));
    }
}
