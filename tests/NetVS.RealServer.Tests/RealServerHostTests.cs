using NetVS.Linux.Bpf;
using NetVS.Linux.Host;
using NetVS.Packets;

namespace NetVS.RealServer.Tests;

/// <summary>Setting up, twice, half, and putting back, compared by what the system's own tools list.</summary>
public sealed class RealServerHostTests : IDisposable
{
    private static readonly IpAddress s_vip = IpAddress.Parse("10.8.0.1");
    private static readonly IpAddress s_vip6 = IpAddress.Parse("2001:db8:8::1");
    private static readonly IpAddress s_other = IpAddress.Parse("10.8.0.2");

    private readonly TestNetwork _network = new();
    private readonly List<string> _lines = [];

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(RealServerMethod.DirectRouting)]
    [InlineData(RealServerMethod.Tunnel)]
    public void Undo_AfterSetupTwice_RestoresExactlyWhatWasThere(RealServerMethod method)
    {
        string before = _network.State();
        SetUp(method, s_vip, s_vip6);
        _lines.ShouldContain("+ sysctl net.ipv4.conf.all.arp_ignore: 0 -> 1");
        _lines.ShouldContain("+ address 10.8.0.1/32 dev lo");
        string prepared = _network.State();
        prepared.ShouldContain("net.ipv4.conf.e0.arp_announce = 2");
        IsComplete().ShouldBeTrue();

        _lines.Clear();
        SetUp(method, s_vip, s_vip6);
        _lines.ShouldAllBe(l => l.StartsWith("= "));
        _network.State().ShouldBe(prepared);

        Undo().ShouldBeTrue();
        _network.State().ShouldBe(before);
        IsComplete().ShouldBeFalse();
        Undo().ShouldBeFalse();
    }

    [Fact]
    public void Setup_WhereThingsAreSetAlready_LeavesThemAndUndoKeepsThem()
    {
        TestNetwork.Run("nsenter", $"--net={_network.InsidePath} sysctl -qw net.ipv4.conf.all.arp_announce=2 net.ipv4.conf.e0.arp_ignore=2 net.ipv4.conf.all.rp_filter=1");
        TestNetwork.Run("tc", $"-n {_network.Inside} qdisc add dev e0 clsact");
        _network.Ip("addr add 10.8.0.2/32 dev lo");
        string before = _network.State();
        SetUp(RealServerMethod.Tunnel, s_vip, s_other);
        _lines.ShouldContain("= sysctl net.ipv4.conf.e0.arp_ignore: already 2");
        _lines.ShouldContain("+ sysctl net.ipv4.conf.e0.rp_filter: 0 -> 2");
        _lines.ShouldContain("= tc e0 clsact: already there");
        _lines.ShouldContain("= address 10.8.0.2/32 dev lo: already there");
        Undo();
        _network.State().ShouldBe(before);
    }

    [Fact]
    public void DryRun_PrintsTheStepsAndChangesNothing()
    {
        string before = _network.State();
        In(() => Host().SetUp([Setup(RealServerMethod.Tunnel, s_vip)], [], isDryRun: true));
        _lines.ShouldContain("+ tc e0 ingress: decap for 10.8.0.1");
        _network.State().ShouldBe(before);
        Undo().ShouldBeFalse();
    }

    [Fact]
    public void Undo_OfOneVip_KeepsWhatTheOtherNeeds()
    {
        string before = _network.State();
        SetUp(RealServerMethod.DirectRouting, s_vip);
        string first = _network.State();
        SetUp(RealServerMethod.Tunnel, s_other);
        In(() => Host().Undo(s => s.Vip == s_other, isDryRun: false));
        _network.State().ShouldBe(first);
        Undo();
        _network.State().ShouldBe(before);
    }

    [Fact]
    public void Setup_ThatFailsHalfWay_GoesBackToWhatWasThere()
    {
        string before = _network.State();
        // IPv6 switched off on lo: the last step cannot be made.
        TestNetwork.Run("nsenter", $"--net={_network.InsidePath} sysctl -qw net.ipv6.conf.lo.disable_ipv6=1");
        string broken = _network.State();
        RealServerException failure = Should.Throw<RealServerException>(() => SetUp(RealServerMethod.Tunnel, s_vip, s_vip6));
        failure.Message.ShouldContain("net.ipv6.conf.lo.disable_ipv6=0");
        failure.Message.ShouldContain("put back");
        _lines.ShouldContain("+ address 10.8.0.1/32 dev lo");
        _network.State().ShouldBe(broken);
        TestNetwork.Run("nsenter", $"--net={_network.InsidePath} sysctl -qw net.ipv6.conf.lo.disable_ipv6=0");
        Undo().ShouldBeFalse();
        before.ShouldNotBeEmpty();
    }

    [Fact]
    public void Undo_AfterAKillInTheMiddleOfSetup_RestoresExactlyWhatWasThere()
    {
        string before = _network.State();
        int steps = 0;
        SetUp(RealServerMethod.Tunnel, s_vip, s_vip6);
        int all = _lines.Count;
        Undo();
        for (int killedAt = 1; killedAt <= all; killedAt++)
        {
            steps = 0;
            Should.Throw<KilledException>(() => In(() => new RealServerHost(
                _ =>
                {
                    // The line is printed before the step is made: dying here is dying between two steps.
                    if (++steps == killedAt) throw new KilledException();
                },
                _network.Folder).SetUp([Setup(RealServerMethod.Tunnel, s_vip), Setup(RealServerMethod.Tunnel, s_vip6)], [], isDryRun: false)));
            Undo();
            _network.State().ShouldBe(before, $"killed at step {killedAt}");
        }
    }

    [Fact]
    public void Senders_GivenOnce_StayUntilOthersAreGiven()
    {
        AddressRange.TryParse("192.0.2.1", out AddressRange director).ShouldBeTrue();
        bool IsAnyone(IReadOnlyList<AddressRange>? trusted, IpAddress vip) => NetworkNamespace.Run(
            _network.InsidePath, () => Host().SetUp([Setup(RealServerMethod.Tunnel, vip)], trusted, isDryRun: false));
        IsAnyone(null, s_vip).ShouldBeTrue();
        IsAnyone([director], s_vip).ShouldBeFalse();
        IsAnyone(null, s_other).ShouldBeFalse();
        _lines.Last(l => l.Contains("decap")).ShouldEndWith("for 10.8.0.1, 10.8.0.2 from 192.0.2.1");
        IsAnyone([], s_vip).ShouldBeTrue();
    }

    [Fact]
    public void Status_WhenSomethingWasTakenAway_SaysWhat()
    {
        SetUp(RealServerMethod.Tunnel, s_vip);
        TestNetwork.Run("tc", $"-n {_network.Inside} filter del dev e0 ingress");
        _network.Ip("addr del 10.8.0.1/32 dev lo");
        _lines.Clear();
        IsComplete().ShouldBeFalse();
        _lines.ShouldContain("! missing: tc e0 ingress: decap for 10.8.0.1");
        _lines.ShouldContain("! missing: address 10.8.0.1/32 dev lo");
        SetUp(RealServerMethod.Tunnel, s_vip);
        IsComplete().ShouldBeTrue();
    }

    [Fact]
    public void Status_WhenTheHostGotAnotherAddress_AsksForSetupAgain()
    {
        SetUp(RealServerMethod.Tunnel, s_vip);
        _network.Ip("addr add 192.0.2.10/24 dev e0");
        IsComplete().ShouldBeFalse();
        SetUp(RealServerMethod.Tunnel, s_vip);
        IsComplete().ShouldBeTrue();
    }

    [Fact]
    public void Undo_OfASysctlSomebodyChangedSince_LeavesIt()
    {
        SetUp(RealServerMethod.DirectRouting, s_vip);
        TestNetwork.Run("nsenter", $"--net={_network.InsidePath} sysctl -qw net.ipv4.conf.e0.arp_ignore=8");
        _lines.Clear();
        Undo();
        _lines.ShouldContain("! sysctl net.ipv4.conf.e0.arp_ignore: is 8, not the 1 that was set: left alone");
        _network.State().ShouldContain("net.ipv4.conf.e0.arp_ignore = 8");
    }

    [Fact]
    public void Undo_WhenOthersPutAFilterBesideOurs_LeavesTheQdisc()
    {
        SetUp(RealServerMethod.Tunnel, s_vip);
        In(() =>
        {
            using var route = new HostNetwork();
            using BpfObject theirs = BpfObject.OpenEmbedded("decap");
            theirs.Load();
            using BpfProgram program = theirs.Program("decap");
            new TcHook(route.Links().Single(l => l.Name == "e0").Index, "e0", TcDirection.Egress).Attach(program, 7, 1);
        });
        Undo();
        TestNetwork.Run("tc", $"-n {_network.Inside} filter show dev e0 egress").ShouldContain("pref 7");
        TestNetwork.Run("tc", $"-n {_network.Inside} filter show dev e0 ingress").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("127.0.0.1", "cannot be a VIP")]
    [InlineData("224.0.0.1", "cannot be a VIP")]
    [InlineData("0.0.0.0", "cannot be a VIP")]
    [InlineData("::", "cannot be a VIP")]
    [InlineData("192.0.2.9", "is an address of e0")]
    public void Setup_OfAnAddressThatCannotBeAVip_IsRefused(string vip, string why)
    {
        string before = _network.State();
        string message = Should.Throw<RealServerException>(() => SetUp(RealServerMethod.DirectRouting, IpAddress.Parse(vip))).Message;
        message.ShouldContain(why);
        message.ShouldNotContain("put back");
        _lines.ShouldBeEmpty();
        _network.State().ShouldBe(before);
    }

    [Fact]
    public void Setup_OnAMissingOrUnfitInterface_IsRefused()
    {
        Should.Throw<RealServerException>(() => In(() => Host().SetUp([new(RealServerMethod.DirectRouting, s_vip, ["e9"])], [], false)))
            .Message.ShouldContain("there is no interface e9");
        Should.Throw<RealServerException>(() => In(() => Host().SetUp([new(RealServerMethod.DirectRouting, s_vip, ["lo"])], [], false)))
            .Message.ShouldContain("lo is no Ethernet interface");
    }

    [Fact]
    public void Record_OfANamespaceThatIsGone_IsNotTakenForOurs()
    {
        SetUp(RealServerMethod.DirectRouting, s_vip);
        string file = Directory.GetFiles(_network.Folder, "*.json").Single();
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"NamespaceCookie\": ", "\"NamespaceCookie\": 9"));
        Undo().ShouldBeFalse();
        File.WriteAllText(file, "{ \"half a file");
        Should.Throw<RealServerException>(() => Undo()).Message.ShouldContain("is damaged");
    }

    private static RealServerSetup Setup(RealServerMethod method, IpAddress vip) => new(method, vip, []);

    private RealServerHost Host() => new(_lines.Add, _network.Folder);

    private void SetUp(RealServerMethod method, params IpAddress[] vips) =>
        In(() => Host().SetUp([.. vips.Select(v => Setup(method, v))], [], isDryRun: false));

    private bool Undo() => NetworkNamespace.Run(_network.InsidePath, () => Host().Undo(_ => true, isDryRun: false));

    private bool IsComplete() => NetworkNamespace.Run(_network.InsidePath, () => Host().IsComplete([], null));

    private void In(Action action) => NetworkNamespace.Run(_network.InsidePath, action);

    /// <summary>Stands for a SIGKILL: nothing catches it.</summary>
    private sealed class KilledException : Exception;
}
