using NetVS.Director.Services;
using NetVS.Linux.Attachment;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.Native;
using NetVS.Linux.PacketSocket;
using NetVS.Linux.Xdp;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Attachment;

/// <summary>Interfaces come, go and change; other programs and other directors are there already.</summary>
public sealed class LinkManagerTests : IDisposable
{
    private readonly ManagedNamespace _host = new();

    // Devices that say they are on a bus, as veth does not.
    private static LinkManagerOptions OnHardware => new() { Probe = name => InterfaceProbe.Read(name) with { Bus = "0000:00:04.0" } };

    [Fact]
    public void Start_WithoutWishes_OnAVirtualDevice_ListensBehindTc()
    {
        LinkManager manager = _host.Start(new LinkManagerOptions());
        LinkStatus status = ManagedNamespace.StatusOf(manager, "f0");
        (status.IsAttached, status.Link, status.Hook).ShouldBe((true, "af_packet", "tcx"));
        status.Reason.ShouldContain("a virtual device");
    }

    [Fact]
    public void Start_WithoutWishes_OnHardware_ListensByNativeXdp_AndStopLeavesNothing()
    {
        string before = _host.Programs();
        LinkManager manager = _host.Start(OnHardware);
        LinkStatus status = ManagedNamespace.StatusOf(manager, "f0");
        status.IsAttached.ShouldBeTrue(status.Reason);
        (status.Link, status.Hook, status.Copy, status.Queues).ShouldBe(("af_xdp", "xdp native", "copy", 1));
        _host.Programs().ShouldContain("netvs_xdp");
        manager.ReadStatus().ShouldNotContain(s => s.Interface == "lo");
        manager.Stop();
        _host.Programs().ShouldBe(before);
        _host.Director.Ip("link show").ShouldNotContain("nvs0");
        _host.Host.Links.ShouldBeEmpty();
    }

    [Fact]
    public void NotifyNetworkChanged_AfterTheEnd_IsNoError()
    {
        LinkManager manager = _host.Start(new LinkManagerOptions());
        manager.Dispose();
        Should.NotThrow(manager.NotifyNetworkChanged);
    }

    [Theory]
    [InlineData(HookChoice.Tc, true, "tcx")]
    [InlineData(HookChoice.Tc, false, "tc clsact")]
    [InlineData(HookChoice.None, true, "none")]
    public void Start_WithAfPacket_ListensBehindTc(HookChoice hook, bool allowTcx, string expected)
    {
        LinkManager manager = _host.Start(new LinkManagerOptions { Link = LinkChoice.AfPacket, Hook = hook, AllowTcx = allowTcx });
        LinkStatus status = ManagedNamespace.StatusOf(manager, "f0");
        (status.Link, status.Hook).ShouldBe(("af_packet", expected));

        // bpftool does not list tcx before 7.3.
        if (allowTcx) return;
        _host.Programs().ShouldContain("netvs_ingress");
        manager.Stop();
        _host.Programs().ShouldNotContain("netvs_ingress");
    }

    [Fact]
    public void Auto_WhereAnotherXdpProgramIs_TakesAfPacket_AndLeavesTheOther()
    {
        using DivertProgram other = DivertProgram.Load();
        using BpfLink others = _host.Director.Run(() => BpfLink.AttachXdp(other.Xdp, LinkFixture.IndexOf(_host.Director, "f0"), XdpMode.Native, "f0"));
        LinkManager manager = _host.Start(OnHardware);
        LinkStatus status = ManagedNamespace.StatusOf(manager, "f0");
        status.Link.ShouldBe("af_packet");
        status.Reason.ShouldContain("another XDP program is attached");
        _host.Programs().ShouldContain($"id {other.Xdp.Id}");
    }

    [Fact]
    public void AfXdp_WhereAnotherXdpProgramIs_IsRefused()
    {
        using DivertProgram other = DivertProgram.Load();
        using BpfLink others = _host.Director.Run(() => BpfLink.AttachXdp(other.Xdp, LinkFixture.IndexOf(_host.Director, "f0"), XdpMode.Native, "f0"));
        LinkManager manager = _host.Start(new LinkManagerOptions { Link = LinkChoice.AfXdp });
        LinkStatus status = ManagedNamespace.StatusOf(manager, "f0");
        status.IsAttached.ShouldBeFalse();
        status.Reason.ShouldContain("EBUSY");
        others.Dispose();
        ManagedNamespace.WaitFor(manager, "f0", s => s.IsAttached).Hook.ShouldBe("xdp native", "it tries again");
    }

    [Theory]
    [InlineData(LinkChoice.Auto)]
    [InlineData(LinkChoice.AfPacket)]
    public void SecondDirector_OnOneInterface_IsRefusedByName_AndTakesOver(LinkChoice link)
    {
        LinkManager first = _host.Start(new LinkManagerOptions { Link = link });
        LinkManager second = _host.Start(new LinkManagerOptions { Link = link }, new ManagedNamespace.InlineHost());
        ManagedNamespace.StatusOf(first, "f0").IsAttached.ShouldBeTrue();
        LinkStatus refused = ManagedNamespace.StatusOf(second, "f0");
        refused.IsAttached.ShouldBeFalse();
        refused.Reason.ShouldContain($"another NetVS director (process {Environment.ProcessId}) has this interface");
        first.Stop();
        ManagedNamespace.WaitFor(second, "f0", s => s.IsAttached);
    }

    [Fact]
    public void Leftover_OfAKilledDirector_IsReplaced()
    {
        using DivertProgram dead = DivertProgram.Load();
        int index = LinkFixture.IndexOf(_host.Director, "f0");
        _ = _host.Director.Run(() => TcAttachment.Attach(dead.Ingress, index, "f0", TcDirection.Ingress, allowTcx: false));
        _host.Programs().ShouldContain("netvs_ingress");
        LinkManager manager = _host.Start(new LinkManagerOptions { Link = LinkChoice.AfPacket, AllowTcx = false });
        ManagedNamespace.StatusOf(manager, "f0").IsAttached.ShouldBeTrue();
        _host.Programs().Split("netvs_ingress").Length.ShouldBe(2, "one filter, ours");
        manager.Stop();
        _host.Programs().ShouldNotContain("netvs_ingress");
    }

    [Fact]
    public void Interface_DownAndUp_IsLeftAndTakenAgain()
    {
        LinkManager manager = _host.Start(new LinkManagerOptions { Interfaces = ["f0"], Link = LinkChoice.AfXdp });
        _host.Director.Ip("link set f0 down");
        ManagedNamespace.WaitFor(manager, "f0", s => !s.IsAttached && s.Reason.Contains("down", StringComparison.Ordinal));
        _host.Director.Ip("link set f0 up");
        ManagedNamespace.WaitFor(manager, "f0", s => s.IsAttached);
        _host.Host.Links.OfType<XdpLink>().Count().ShouldBe(1);
    }

    [Fact]
    public void Interface_RemovedAndMadeAnew_IsTakenAgainByItsNewIndex()
    {
        LinkManager manager = _host.Start(new LinkManagerOptions { Interfaces = ["f0"] });
        int first = ManagedNamespace.StatusOf(manager, "f0").Index;
        _host.Director.Ip("link del f0");
        ManagedNamespace.WaitFor(manager, "f0", s => !s.IsAttached);
        NetVS.Testing.Namespaces.NetworkNamespace.Connect(_host.Director, "f0", _host.Peer, "p0");
        ManagedNamespace.WaitFor(manager, "f0", s => s.IsAttached).Index.ShouldNotBe(first);
    }

    [Fact]
    public void Interface_ThatAppearsLater_IsTaken()
    {
        LinkManager manager = _host.Start(new LinkManagerOptions { Interfaces = ["f0", "f1"] });
        ManagedNamespace.StatusOf(manager, "f1").Reason.ShouldContain("no such interface");
        NetVS.Testing.Namespaces.NetworkNamespace.Connect(_host.Director, "f1", _host.Peer, "p1");
        ManagedNamespace.WaitFor(manager, "f1", s => s.IsAttached);
        lock (_host.Reports) _host.Reports.Count(r => r.StartsWith("f1: not listening", StringComparison.Ordinal)).ShouldBe(1, "said once");
    }

    [Fact]
    public void Interface_NotListenedOn_CanStillBeSentBy()
    {
        NetVS.Testing.Namespaces.NetworkNamespace.Connect(_host.Director, "f1", _host.Peer, "p1");
        LinkManager manager = _host.Start(new LinkManagerOptions { Interfaces = ["f0"] });
        ManagedNamespace.WaitFor(manager, "f1", s => s.Link == "transmit only");
        _host.Host.Links.OfType<TransmitOnlyLink>().Count().ShouldBe(1);
    }

    [Fact]
    public void VlanDevice_StandsForTheDeviceBelow()
    {
        try
        {
            _host.Director.Ip("link add link f0 name f0.7 type vlan id 7");
        }
        catch (InvalidOperationException)
        {
            Assert.Skip("this kernel has no VLAN devices");
        }

        _host.Director.Ip("link set f0.7 up");
        ManagedNamespace.WaitFor(_host.Start(new LinkManagerOptions { Interfaces = ["f0.7"] }), "f0", s => s.IsAttached);
    }

    [Fact]
    public void LongerMtu_WithAfPacket_MakesALongerRing()
    {
        LinkManager manager = _host.Start(new LinkManagerOptions { Link = LinkChoice.AfPacket });
        _host.Director.Ip("link set f0 mtu 9000");
        ManagedNamespace.WaitFor(manager, "f0", s => s.IsAttached);
        SpinWait.SpinUntil(() => Reported("f0: no longer listening"), TimeSpan.FromSeconds(10)).ShouldBeTrue();
        ManagedNamespace.WaitFor(manager, "f0", s => s.IsAttached);
    }

    [Fact]
    public void ChangedMac_IsFollowed()
    {
        LinkManager manager = _host.Start(new LinkManagerOptions { Link = LinkChoice.AfPacket });
        manager.Apply(new DivertRules(
            new HashSet<DivertEndpoint> { new(IpProtocol.Udp, IpAddress.Parse("192.0.2.1"), 80) },
            new HashSet<DivertEndpoint>(), new HashSet<DivertEndpoint>(), new HashSet<IpAddress>()));
        _host.Director.Ip("link set f0 address 02:00:00:00:0a:0b");
        MacAddress.TryParse("02:00:00:00:0a:0b", out MacAddress mac).ShouldBeTrue();
        byte[] frame = PacketBuilder.Udp("192.0.2.9:1", "192.0.2.1:80").Macs(LinkFixture.PeerMac, mac).Build();
        using TransmitOnlyLink sender = _host.Peer.Run(() => new TransmitOnlyLink(LinkFixture.IndexOf(_host.Peer, "p0"), "p0"));
        PacketSocketLink link = _host.Host.Links.OfType<PacketSocketLink>().Single();
        var received = new ReceivedFrames();
        SpinWait.SpinUntil(
            () =>
            {
                LinkFixture.Send(sender, frame);
                sender.Flush();
                link.Receive(received, 64);
                link.Release();
                return received.All.Count > 0;
            },
            TimeSpan.FromSeconds(10)).ShouldBeTrue();
    }

    [Fact]
    public void Options_ThatContradict_AreRefusedWithAWayOut()
    {
        new LinkManagerOptions { Link = LinkChoice.AfXdp, Hook = HookChoice.Tc }.FindContradiction().ShouldNotBeNull();
        new LinkManagerOptions { Link = LinkChoice.AfPacket, Hook = HookChoice.Xdp }.FindContradiction().ShouldNotBeNull();
        new LinkManagerOptions { Link = LinkChoice.AfPacket, Hook = HookChoice.Tc }.FindContradiction().ShouldBeNull();
    }

    public void Dispose() => _host.Dispose();

    private bool Reported(string beginning)
    {
        lock (_host.Reports) return _host.Reports.Any(r => r.StartsWith(beginning, StringComparison.Ordinal));
    }
}
