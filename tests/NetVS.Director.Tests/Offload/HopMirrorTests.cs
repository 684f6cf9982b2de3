using NetVS.Director.Network;
using NetVS.Director.Offload;
using NetVS.Packets;
using NetVS.Testing.Flows;

namespace NetVS.Director.Tests.Offload;

/// <summary>The fast path's next hops are the table's.</summary>
public sealed class HopMirrorTests : IDisposable
{
    private static readonly IpAddress s_address = IpAddress.Parse("10.1.0.10");
    private static readonly MacAddress s_mac = new(0x0200_0000_0010), s_own = new(0x0200_0000_00B0);
    private readonly FlowTestMemory _memory = new(hops: 64);
    private readonly NextHopTable _table = new();

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Attach_WritesWhatIsThere()
    {
        int id = Reachable();
        Attach();
        Expect(id, 7);
    }

    [Fact]
    public void Changes_AreSeenAtOnce()
    {
        Attach();
        int id = _table.GetOrAdd(3, s_address);
        _memory.Memory.Hops[id].InterfaceIndex.ShouldBe(0u, "no MAC yet");
        Reachable().ShouldBe(id);
        Expect(id, 7);

        _table.SetNeighbour(3, s_address, NextHopState.Failed);
        _memory.Memory.Hops[id].InterfaceIndex.ShouldBe(0u);
        _table.SetNeighbour(3, s_address, NextHopState.Reachable, s_mac);
        Expect(id, 7);

        _table.SetEgress(new Dictionary<int, NextHopEgress> { [3] = new(7, 100, s_own, CanSend: false) });
        _memory.Memory.Hops[id].InterfaceIndex.ShouldBe(0u, "the interface is down");
        _table.SetEgress(new Dictionary<int, NextHopEgress> { [3] = new(9, 100, s_own, CanSend: true) });
        Expect(id, 9, vlan: 100);
        (_memory.Memory.Hops[id].Version & 1).ShouldBe(0u);
    }

    [Fact]
    public void ANeighbourThatWasKnownBefore_IsRightAtOnce()
    {
        Attach();
        _table.SetEgress(new Dictionary<int, NextHopEgress> { [3] = new(7, 0, s_own, CanSend: true) });
        _table.SetNeighbour(3, s_address, NextHopState.Reachable, s_mac);
        Expect(_table.GetOrAdd(3, s_address), 7);
    }

    [Fact]
    public void AVersionLeftOdd_BecomesEven()
    {
        int id = Reachable();
        _memory.Memory.Hops[id].Version = 5;
        Attach();
        _memory.Memory.Hops[id].Version.ShouldBe(6u);
    }

    [Fact]
    public void SetXdpInterfaces_MarksHops_NowAndLater()
    {
        HopMirror mirror = Attach();
        int id = Reachable();
        mirror.SetXdpInterfaces([7]);
        _memory.Memory.Hops[id].Flags.ShouldBe(FlowAbi.HopXdp);
        _table.SetEgress(new Dictionary<int, NextHopEgress> { [3] = new(9, 0, s_own, CanSend: true) });
        _memory.Memory.Hops[id].Flags.ShouldBe((ushort)0);
        _table.SetEgress(new Dictionary<int, NextHopEgress> { [3] = new(7, 0, s_own, CanSend: true) });
        _memory.Memory.Hops[id].Flags.ShouldBe(FlowAbi.HopXdp);
        mirror.SetXdpInterfaces([]);
        _memory.Memory.Hops[id].Flags.ShouldBe((ushort)0);
    }

    [Fact]
    public void UseByTheFastPath_CountsAsUse()
    {
        Attach();
        int id = Reachable();
        MonotonicTime now = MonotonicTime.FromSeconds(500);
        List<(int Id, MonotonicTime LastUsed)> used = [];
        _table.CopyUsed(MonotonicTime.FromSeconds(490), used);
        used.ShouldBeEmpty();

        _memory.Memory.Hops[id].Used = FlowTick.Of(now);
        _table.CopyUsed(MonotonicTime.FromSeconds(497), used);
        used.ShouldHaveSingleItem().Id.ShouldBe(id);
        used.Clear();
        _table.CopyUsed(MonotonicTime.FromSeconds(501), used);
        used.ShouldBeEmpty("it was used before");
    }

    private HopMirror Attach()
    {
        var mirror = new HopMirror(_memory.Memory.Hops);
        _table.Attach(mirror);
        return mirror;
    }

    private int Reachable()
    {
        _table.SetEgress(new Dictionary<int, NextHopEgress> { [3] = new(7, 0, s_own, CanSend: true) });
        int id = _table.GetOrAdd(3, s_address);
        _table.SetNeighbour(3, s_address, NextHopState.Reachable, s_mac);
        return id;
    }

    private void Expect(int id, uint interfaceIndex, ushort vlan = 0)
    {
        ref FlowHop hop = ref _memory.Memory.Hops[id];
        hop.InterfaceIndex.ShouldBe(interfaceIndex);
        hop.Vlan.ShouldBe(vlan);
        ReadOnlySpan<byte> macs = hop.Macs;
        MacAddress.Read(macs).ShouldBe(s_mac);
        MacAddress.Read(macs[6..]).ShouldBe(s_own);
    }
}
