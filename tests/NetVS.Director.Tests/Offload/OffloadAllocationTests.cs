using NetVS.Director.Forwarding;
using NetVS.Director.Offload;
using NetVS.Director.Tests.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Flows;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Offload;

/// <summary>Installing, following, reading back and removing flows allocates nothing.</summary>
public sealed class OffloadAllocationTests
{
    private static readonly byte[] s_buffer = new byte[Packet.Headroom + 2048];

    [Theory]
    [InlineData(ForwardingMethod.Nat)]
    [InlineData(ForwardingMethod.DirectRouting)]
    [InlineData(ForwardingMethod.Tunnel)]
    public void ALife_OfAConnectionWithLines_AllocatesNothing(ForwardingMethod method)
    {
        using DirectorRig rig = new DirectorRig(flows: new FlowTestMemory()).Service("192.0.2.1:80", method, "10.1.0.10:80");
        byte[] syn = PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0).Build();
        byte[] ack = PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Ack).Macs(Router, F0).Build();
        Allocations.Measure(500, () =>
        {
            Drive(rig, syn);
            Report(rig, 0x10);
            Drive(rig, ack);
            Report(rig, 0x04);
            rig.Now += TimeSpan.FromSeconds(11);
            while (rig.Worker.AdvanceTimers(rig.Now) <= rig.Now) { }
        }).ShouldBe(0);
        rig.Engine.Offload!.Status.LinesV4.ShouldBe(0);
        rig.Engine.Offload.Status.Installs.ShouldBeGreaterThan(500);
        rig.Engine.Offload.Status.Reports.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void ARefresh_AllocatesNothing()
    {
        using DirectorRig rig = new DirectorRig(flows: new FlowTestMemory()).Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        Drive(rig, PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0).Build());
        bool isShort = false;
        Allocations.Measure(500, () =>
        {
            rig.Engine.SetTimeouts(new DirectorTimeouts((isShort = !isShort) ? 800 : 900, 0, 0));
            while (rig.Worker.AdvanceTimers(rig.Now) <= rig.Now) { }
        }).ShouldBe(0);
    }

    private static void Report(DirectorRig rig, byte flags)
    {
        int line = rig.Worker.V4.Connections[1].FlowInbound - 1;
        ref FlowLineV4 reported = ref rig.Flows!.Memory.LinesV4[line];
        reported.State.Report = (reported.State.Report + FlowAbi.OneReport) & ~FlowAbi.QuietMask;
        reported.State.LastSeen = FlowTick.Of(rig.Now);
        if (reported.State.Pair != 0)
        {
            ref FlowState pair = ref rig.Flows.Memory.LinesV4[(int)reported.State.Pair - 1].State;
            pair.Report = (pair.Report + FlowAbi.OneReport) & ~FlowAbi.QuietMask;
        }

        rig.Flows.Report(0, new FlowEvent { Line = (uint)line, Version = reported.Version, When = FlowTick.Of(rig.Now), Family = 4, Flags = flags });
        rig.Worker.DrainReports(rig.Now);
    }

    private static void Drive(DirectorRig rig, byte[] frame)
    {
        lock (s_buffer)
        {
            frame.CopyTo(s_buffer, Packet.Headroom);
            var packet = new Packet { Buffer = s_buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = rig.InterfaceOf("f0") };

            // No assertion: those allocate.
            if (rig.Worker.Process(ref packet, rig.Now) != Verdict.Transmit) throw new InvalidOperationException($"not sent: {packet.Reason}");
        }
    }
}
