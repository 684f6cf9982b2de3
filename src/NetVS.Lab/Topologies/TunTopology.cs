using NetVS.Lab.Hosts;
using NetVS.Lab.Journeys;
using NetVS.Packets;

namespace NetVS.Lab.Topologies;

/// <summary>TUN: real servers in two other networks behind a router, reached by IPIP (IP6IP6), GRE or GUE.</summary>
/// <param name="lab">The lab it stands in.</param>
/// <param name="isV6">Whether everything speaks IPv6.</param>
/// <param name="type">The encapsulation: ipip, gre or gue.</param>
/// <param name="hasChecksum">Whether it has a checksum of its own.</param>
internal sealed class TunTopology(Lab lab, bool isV6, string type, bool hasChecksum) : RoutedTopology(lab, isV6)
{
    private IpAddress _director;

    public override string Name => "tun";

    public override string Summary => "TUN: the director wraps each packet in another one to the real server, which unwraps it and answers the client directly";

    public override string Scheduler => "rr";

    public override string MethodOption => type switch
    {
        "gre" => $"-i --tun-type gre{Checksum}",
        "gue" => $"-i --tun-type gue --tun-port {WirePacket.GuePort}{Checksum}",
        _ => "-i",
    };

    public override string? RealServerMethod => "tun";

    public override string? TrustedSenders => _director.ToString();

    public override (int Requests, IReadOnlyList<int> Answers) Share => (10, [5, 5]);

    public override async Task BuildAsync()
    {
        Vip = Address("202.103.106.5", "2001:db8:106::5");
        _director = Address("202.103.106.4", "2001:db8:106::4");
        await BuildOutsideAsync(_director, Vip);
        foreach ((string name, string segment, IpAddress address, IpAddress gateway) in new[]
        {
            ("rs1", "east", Address("202.103.107.2", "2001:db8:107::2"), Address("202.103.107.1", "2001:db8:107::1")),
            ("rs2", "west", Address("202.103.108.2", "2001:db8:108::2"), Address("202.103.108.1", "2001:db8:108::1")),
        })
        {
            await PlugAsync(Router, segment, gateway);
            RealServer server = await AddServerAsync(name, segment, address);
            await DefaultRouteAsync(server.Host, gateway);
        }

        await ForwardAsync(Router);
    }

    public override IReadOnlyList<Hop> Inbound(RealServer server, ushort clientPort)
    {
        IpEndpoint client = new(ClientAddress, clientPort);
        (IpAddress, IpAddress) outer = (_director, server.Address);
        return
        [
            .. ToDirector(clientPort),
            new(Director.Links[0], Router.Links[1], client, Virtual, 62) { Outer = outer, Shim = Shim, Because = "TUN: wrapped, to the real server" },
            new(RouterLink(server), server.Host.Links[0], client, Virtual, 62) { Outer = outer, Shim = Shim, Because = "routed; the inner packet stays as it is" },
        ];
    }

    public override IReadOnlyList<Hop> Outbound(RealServer server, ushort clientPort)
    {
        IpEndpoint client = new(ClientAddress, clientPort);
        return
        [
            new(server.Host.Links[0], RouterLink(server), Virtual, client, 64) { Because = "from the VIP, by the real server's own route" },
            new(Router.Links[0], Client.Links[0], Virtual, client, 63) { Because = "routed; the director is not on the way" },
        ];
    }

    private string Checksum => hasChecksum ? " --tun-csum" : "";

    private string Shim => type == "ipip" ? "" : $"{type.ToUpperInvariant()}{(hasChecksum ? " with checksum" : "")}";

    private LabLink RouterLink(RealServer server) => Router.Links.Single(l => l.Segment == server.Host.Links[0].Segment);
}
