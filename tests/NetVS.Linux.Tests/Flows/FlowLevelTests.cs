using NetVS.Director.Offload;
using NetVS.Linux.Flows;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Flows;

/// <summary>The program finds a flow by whatever level the director placed it, wherever it places others now.</summary>
public sealed class FlowLevelTests : IDisposable
{
    private readonly FlowFixture _flows = new(new FlowMapOptions
    {
        LinesV4 = 1 << 20, LinesV6 = 1 << 16, CounterSlots = 8, Workers = 1, RingSize = 4096, Patience = TimeSpan.FromHours(1),
    });

    public void Dispose() => _flows.Dispose();

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 2)]
    public void Flow_OfAnyLevel_IsFoundFromAnyOther(bool isV4, int levels)
    {
        ref FlowConfig config = ref _flows.Memory.Config[0];
        ref uint place = ref isV4 ? ref config.PlaceMaskV4 : ref config.PlaceMaskV6;
        uint mask = isV4 ? config.BucketMaskV4 : config.BucketMaskV6;
        place.ShouldBe(mask);
        for (int level = 0; level < levels; level++)
        {
            string from = (isV4 ? "203.0.113.7:" : "[2001:db8:7::7]:") + (40000 + level), to = isV4 ? "10.0.0.1:80" : "[2001:db8::1]:80";
            _flows.Install(IpProtocol.Udp, from, to, FlowAction.Rewrite, from, isV4 ? "192.168.1.10:8080" : "[fd00::10]:8080", levelsBelow: level);
            byte[] frame = PacketBuilder.Udp(from, to).Macs(FlowFixture.Peer, FlowFixture.Us).Build();
            for (int other = 0; other < levels; other++)
            {
                place = mask >> (other * FlowAbi.LevelShift);
                foreach (string hook in (string[])["xdp", "tc"]) _flows.Run(hook, frame).Counted.ShouldBe("flow_forwarded", $"{hook}: {level} from {other}");
            }
        }

        byte[] stranger = PacketBuilder.Udp(isV4 ? "203.0.113.7:50000" : "[2001:db8:7::7]:50000", isV4 ? "10.0.0.1:80" : "[2001:db8::1]:80")
            .Macs(FlowFixture.Peer, FlowFixture.Us).Build();
        _flows.Run("xdp", stranger).Counted.ShouldBe("divert_passed");
    }
}
