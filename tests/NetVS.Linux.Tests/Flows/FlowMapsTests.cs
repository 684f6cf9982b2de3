using NetVS.Director.Offload;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.Flows;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Flows;

/// <summary>The maps themselves: what they begin as, and how one process takes them over from another.</summary>
public sealed class FlowMapsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-flows").FullName;
    private bool _isMounted;

    private PinFolder Pins => PinFolder.In(_folder, "test");

    [Fact]
    public void Create_RoundsUp_AndMapsEverything()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "creating maps needs root");
        using FlowMaps maps = FlowMaps.Create(new FlowMapOptions { LinesV4 = 1000, LinesV6 = 3, CounterSlots = 10, Workers = 3, RingSize = 8192 });
        maps.Memory.LinesV4.Length.ShouldBe(1024);
        maps.Memory.LinesV6.Length.ShouldBe(4);
        maps.Memory.Hops.Length.ShouldBe(65536);
        maps.Memory.Counters.Length.ShouldBe(10 * PossibleCpus.Count);
        maps.Memory.Rings.Count.ShouldBe(3);
        ref FlowConfig config = ref maps.Memory.Config[0];
        (config.Layout, config.Enabled, config.BucketMaskV4, config.BucketMaskV6, config.CounterSlots).ShouldBe((FlowAbi.Layout, 0u, 255u, 0u, 10u));
        unchecked(FlowMaps.Now - config.Heartbeat).ShouldBeLessThan(100u);
        ((ReadOnlySpan<ulong>)config.Key).ContainsAnyExcept(0UL).ShouldBeTrue();
        maps.Memory.LinesV4[1023].State.Pair = 1;
        maps.Memory.LinesV6[3].State.Pair = 1;
        maps.Memory.Hops[65535].Used = 1;
    }

    [Fact]
    public void Pin_LetsAnotherProcessGoOn()
    {
        Mount();
        using var flows = new FlowFixture();
        int line = flows.Install(IpProtocol.Tcp, "203.0.113.7:40000", "10.0.0.1:80", FlowAction.Rewrite, "203.0.113.7:40000", "192.168.1.10:80");
        flows.StateOf(true, line).Report = 0;
        byte[] frame = PacketBuilder.Tcp("203.0.113.7:40000", "10.0.0.1:80", TcpFlags.Ack).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        flows.Run("xdp", frame).Counted.ShouldBe("flow_forwarded");
        flows.Maps.Pin(Pins);

        using FlowMaps adopted = FlowMaps.TryOpen(Pins, 3, 4096).ShouldNotBeNull();
        adopted.IsEnabled.ShouldBeTrue();
        adopted.Memory.LinesV4[line].State.Packets.ShouldBe(1u);
        flows.Run("xdp", frame).Counted.ShouldBe("flow_forwarded");
        adopted.Memory.LinesV4[line].State.Packets.ShouldBe(2u, "the program goes on with the same memory");
        adopted.Memory.Rings[0].TryRead(out FlowEvent report).ShouldBeTrue();
        report.Line.ShouldBe((uint)line);
        adopted.Memory.Rings[0].TryRead(out _).ShouldBeTrue("both reports of the two packets");
        adopted.Memory.Rings[0].TryRead(out _).ShouldBeFalse();
        flows.Memory.Rings[0].IsEmpty.ShouldBeTrue("what one process has read, the other does not read again");
        adopted.Memory.Rings.Count.ShouldBe(3, "a worker more gets a ring more");

        using DivertProgram second = DivertProgram.Load(adopted);
        flows.Maps.Pin(Pins);
        Pins.RemoveAll();
        FlowMaps.TryOpen(Pins, 1, 4096).ShouldBeNull();
    }

    [Fact]
    public void IsForsaken_OnlyWithoutASignOfLife()
    {
        Mount();
        FlowMaps.IsForsaken(Pins, 0).ShouldBeFalse("nothing is pinned there");
        using var flows = new FlowFixture();
        flows.Maps.Pin(Pins);
        ref uint heartbeat = ref flows.Maps.Memory.Config[0].Heartbeat;
        heartbeat = FlowMaps.Now;
        FlowMaps.IsForsaken(Pins, 1000).ShouldBeFalse();
        heartbeat = unchecked(FlowMaps.Now - 1001);
        FlowMaps.IsForsaken(Pins, 1000).ShouldBeTrue();
        Pins.RemoveAll();
    }

    [Fact]
    public void TryOpen_OfAnotherLayout_IsNull()
    {
        Mount();
        using FlowMaps maps = FlowMaps.Create(new FlowMapOptions { LinesV4 = 64, LinesV6 = 64, RingSize = 4096 });
        maps.Pin(Pins);
        maps.Memory.Config[0].Layout++;
        FlowMaps.TryOpen(Pins, 1, 4096).ShouldBeNull();
        maps.Memory.Config[0].Layout--;
        FlowMaps.TryOpen(Pins, 1, 4096).ShouldNotBeNull().Dispose();
    }

    public void Dispose()
    {
        if (_isMounted) BpfFileSystem.Unmount(_folder);
        Directory.Delete(_folder);
    }

    private void Mount()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting bpffs needs root");
        BpfFileSystem.Mount(_folder);
        _isMounted = true;
    }
}
