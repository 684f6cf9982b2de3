using NetVS.Linux.Attachment;
using NetVS.Linux.Bpf;
using NetVS.Links;

namespace NetVS.Linux.Tests.Attachment;

/// <summary>Attachments that outlive a director, and the next director that takes them over.</summary>
public sealed class PinnedAttachmentTests : IDisposable
{
    private readonly string _bpffs = Directory.CreateTempSubdirectory("netvs-pins").FullName;
    private readonly ManagedNamespace _host = new();
    private readonly PinFolder _pins;

    public PinnedAttachmentTests()
    {
        BpfFileSystem.Mount(_bpffs);
        _pins = PinFolder.In(_bpffs, "/run/netvs/test.sock");
    }

    public void Dispose()
    {
        _host.Dispose();
        BpfFileSystem.Unmount(_bpffs);
        Directory.Delete(_bpffs);
    }

    public static TheoryData<HookChoice, string> Hooks() => new()
    {
        { HookChoice.Xdp, "xdp_native_f0" },
        { HookChoice.XdpGeneric, "xdp_generic_f0" },
        { HookChoice.Tc, "tcx_ingress_f0" },
    };

    private LinkManagerOptions With(HookChoice hook) => new() { Interfaces = ["f0"], Hook = hook, Pins = _pins };

    // The maps are pinned too, and are their owner's to remove.
    private string[] Attachments() => [.. _pins.Names.Where(PinFolder.IsLink)];

    private uint LinkId(string pin)
    {
        using BpfLink link = BpfLink.FromPin(Path.Combine(_pins.Path, pin));
        return link.ReadId();
    }

    [Theory]
    [MemberData(nameof(Hooks))]
    public void Stop_RemovesWhatWasPinned(HookChoice hook, string pin)
    {
        LinkManager manager = _host.Start(With(hook));
        Attachments().ShouldContain(pin);
        using BpfLink another = BpfLink.FromPin(Path.Combine(_pins.Path, pin));
        manager.Stop();
        Attachments().ShouldBeEmpty();
        another.ReadInterfaceIndex().ShouldBe(0, "detached, though somebody holds it");
    }

    [Theory]
    [MemberData(nameof(Hooks))]
    public void KeepForwarding_LeavesTheProgram_AndTheNextDirectorTakesItOverWithoutAGap(HookChoice hook, string pin)
    {
        LinkManager first = _host.Start(With(hook));
        uint id = LinkId(pin);
        first.KeepsForwarding = true;
        first.Stop();
        LinkId(pin).ShouldBe(id, "still attached");

        LinkManager second = _host.Start(With(hook), new ManagedNamespace.InlineHost());
        ManagedNamespace.StatusOf(second, "f0").IsAttached.ShouldBeTrue(ManagedNamespace.StatusOf(second, "f0").Reason);
        LinkId(pin).ShouldBe(id, "the same link: it was never detached");
        second.Stop();
        Attachments().ShouldBeEmpty();
    }

    [Fact]
    public void NextDirector_AtAnotherHook_ReplacesTheAttachment()
    {
        LinkManager first = _host.Start(With(HookChoice.Xdp));
        first.KeepsForwarding = true;
        first.Stop();
        LinkManager second = _host.Start(With(HookChoice.Tc), new ManagedNamespace.InlineHost());
        Attachments().ShouldBe(["tcx_ingress_f0"]);
        second.KeepsForwarding = true;
        second.Stop();
        LinkManager third = _host.Start(With(HookChoice.XdpGeneric), new ManagedNamespace.InlineHost());
        Attachments().ShouldBe(["xdp_generic_f0"]);
        ManagedNamespace.StatusOf(third, "f0").Hook.ShouldBe("xdp generic");
    }

    [Fact]
    public void Pin_OfAnInterfaceThatIsGone_IsReplaced()
    {
        LinkManager first = _host.Start(With(HookChoice.Xdp));
        uint id = LinkId("xdp_native_f0");
        first.KeepsForwarding = true;
        first.Stop();
        _host.Director.Ip("link del f0");
        NetVS.Testing.Namespaces.NetworkNamespace.Connect(_host.Director, "f0", _host.Peer, "p0");
        LinkManager second = _host.Start(With(HookChoice.Xdp), new ManagedNamespace.InlineHost());
        ManagedNamespace.WaitFor(second, "f0", s => s.IsAttached);
        LinkId("xdp_native_f0").ShouldNotBe(id);
    }

    [Fact]
    public void InterfaceNames_WithDots_ArePinnedAndKeptApart()
    {
        _host.Director.Ip("link set f0 down");
        _host.Director.Ip("link set f0 name f.0");
        _host.Director.Ip("link set f.0 up");
        LinkManager manager = _host.Start(new LinkManagerOptions { Interfaces = ["f.0"], Hook = HookChoice.Tc, Pins = _pins });
        ManagedNamespace.WaitFor(manager, "f.0", s => s.IsAttached);
        Attachments().ShouldBe(["tcx_ingress_f%2E0"]);
        PinFolder.NameOfLink("xdp", "a.b").ShouldNotBe(PinFolder.NameOfLink("xdp", "a%2Eb"));
    }

    [Fact]
    public void KeepForwarding_WithoutPins_StopsAsEver()
    {
        LinkManager manager = _host.Start(new LinkManagerOptions { Interfaces = ["f0"], Hook = HookChoice.Xdp });
        manager.KeepsForwarding = true;
        manager.Stop();
        _host.Programs().ShouldNotContain("netvs_xdp");
    }
}
