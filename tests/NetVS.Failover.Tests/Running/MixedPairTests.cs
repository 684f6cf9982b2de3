namespace NetVS.Failover.Tests.Running;

/// <summary>NetVS and a real keepalived elect, fail over and fail back, each as the better one; tcpdump finds nothing wrong with a packet.</summary>
public sealed class MixedPairTests : IDisposable
{
    private const string Fast = "version 3\n advert_int 0.1\n garp_master_delay 1";
    private const string Vip = "192.0.2.100", Vip6 = "2001:db8::100";
    private readonly VrrpPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void NetVS_AsTheBetterRouter_TakesOverFailsOverAndReturns()
    {
        _pair.StartKeepalived(Both(100));
        _pair.WaitForMaster(isOwn: false, Vip, Vip6);
        _pair.StartOwn(Both(150));
        _pair.WaitForMaster(isOwn: true, Vip, Vip6);

        _pair.Switch.Ip("link set pa down");
        VrrpPair.WaitFor(() => _pair.Status().Contains("FAULT", StringComparison.Ordinal), "no carrier is FAULT", _pair.Status);
        _pair.WaitForMaster(isOwn: false, Vip, Vip6);
        _pair.Switch.Ip("link set pa up");
        _pair.WaitForMaster(isOwn: true, Vip, Vip6);

        _pair.StopOwn();
        _pair.WaitForMaster(isOwn: false, Vip, Vip6);
        ShouldBeCleanOnTheWire();
    }

    [Fact]
    public void Keepalived_AsTheBetterRouter_TakesOverFailsOverAndReturns()
    {
        _pair.StartOwn(Both(100));
        VrrpPair.WaitFor(() => _pair.OwnHas(Vip) && _pair.OwnHas(Vip6), "alone it is master", () => _pair.Log);
        _pair.StartKeepalived(Both(150));
        _pair.WaitForMaster(isOwn: false, Vip, Vip6);
        _pair.Status().ShouldContain("master 192.0.2.2, priority 150, every 0.10 s");
        _pair.ReadVrrp().Instances[0].Explanation.ShouldStartWith("the master 192.0.2.2 has the higher priority (150, own 100)");
        _pair.StopKeepalived();
        _pair.WaitForMaster(isOwn: true, Vip, Vip6);
        _pair.StartKeepalived(Both(150));
        _pair.WaitForMaster(isOwn: false, Vip, Vip6);
        _pair.Status().ShouldNotContain("refused");
        ShouldBeCleanOnTheWire();
    }

    [Theory]
    [InlineData("authentication {\n auth_type PASS\n auth_pass s3cret\n }")]
    [InlineData("authentication {\n auth_type AH\n auth_pass s3cret\n }")]
    public void Version2_WithAuthentication_IsBelievedByBoth(string authentication)
    {
        _pair.StartKeepalived(VrrpPair.Instance("V", 51, 100, authentication, Vip + "/24"));
        _pair.WaitForMaster(isOwn: false, Vip);
        _pair.StartOwn(VrrpPair.Instance("V", 51, 150, authentication, Vip + "/24"));
        _pair.WaitForMaster(isOwn: true, Vip);
        _pair.Status().ShouldNotContain("refused");
        _pair.StopOwn();
        _pair.WaitForMaster(isOwn: false, Vip);
    }

    [Fact]
    public void Unicast_InBothFamilies_IsBelievedByBoth()
    {
        _pair.StartKeepalived(Unicast(100, own: "2", peer: "1"));
        _pair.WaitForMaster(isOwn: false, Vip, Vip6);
        _pair.StartOwn(Unicast(150, own: "1", peer: "2"));
        _pair.WaitForMaster(isOwn: true, Vip, Vip6);
        _pair.Status().ShouldNotContain("refused");
        ShouldBeSeen("192.0.2.1 > 192.0.2.2: VRRPv3");
        _pair.StopOwn();
        _pair.WaitForMaster(isOwn: false, Vip, Vip6);
    }

    // Both send with the same source MAC, which the kernel hands to the macvlan device of that MAC only.
    [Fact]
    public void VirtualMac_OnBoth_IsHeardAndBelieved()
    {
        _pair.StartKeepalived(VrrpPair.Instance("V", 51, 150, $"{Fast}\n use_vmac", Vip + "/24"));
        _pair.WaitForMaster(isOwn: false, Vip);
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, $"{Fast}\n use_vmac", Vip + "/24"));
        VrrpPair.WaitFor(() => _pair.Status().Contains("master 192.0.2.2, priority 150", StringComparison.Ordinal), "it hears the master", _pair.Status);
        _pair.OwnHas(Vip).ShouldBeFalse();
        _pair.StopKeepalived();
        _pair.WaitForMaster(isOwn: true, Vip);
    }

    private static string Both(int priority) =>
        VrrpPair.Instance("V4", 51, priority, Fast, Vip + "/24") + VrrpPair.Instance("V6", 52, priority, Fast, "fe80::100/64", Vip6 + "/64");

    private static string Unicast(int priority, string own, string peer) =>
        VrrpPair.Instance("V4", 51, priority, $"{Fast}\n unicast_src_ip 192.0.2.{own}\n unicast_peer {{\n 192.0.2.{peer}\n }}", Vip + "/24")
        + VrrpPair.Instance("V6", 52, priority, $"{Fast}\n unicast_src_ip fe80::{own}\n unicast_peer {{\n fe80::{peer}\n }}", "fe80::100/64", Vip6 + "/64");

    // tcpdump prints a little later than packets pass.
    private void ShouldBeSeen(string words) => VrrpPair.WaitFor(() => _pair.Seen.Contains(words, StringComparison.Ordinal), $"tcpdump prints {words}", () => _pair.Seen);

    private void ShouldBeCleanOnTheWire()
    {
        ShouldBeSeen("192.0.2.1 > 224.0.0.18: VRRPv3, Advertisement");
        ShouldBeSeen("> ff02::12: VRRPv3, Advertisement, vrid 52");
        ShouldBeSeen($"> ff02::1: [icmp6 sum ok] ICMP6, neighbor advertisement, length 32, tgt is {Vip6}, Flags [override]");
        ShouldBeSeen($"Request who-has {Vip} (ff:ff:ff:ff:ff:ff) tell {Vip}");
        string seen = _pair.Seen;
        seen.ShouldNotContain("bad");
        seen.ShouldNotContain("incorrect");
    }
}
