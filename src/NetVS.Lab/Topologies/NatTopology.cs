using NetVS.Lab.Journeys;
using NetVS.Packets;

namespace NetVS.Lab.Topologies;

/// <summary>NAT: real servers in a private network whose default route is the director.</summary>
internal sealed class NatTopology(Lab lab, bool isV6) : RoutedTopology(lab, isV6)
{
    private IpAddress _inside;

    public override string Name => "nat";

    public override string Summary => "NAT: the director rewrites the destination, and the source of the replies, which pass it as the real servers' default route";

    public override string Scheduler => "wrr";

    public override string MethodOption => "-m";

    public override (int Requests, IReadOnlyList<int> Answers) Share => (9, [3, 6]);

    public override IReadOnlyList<(int Link, IpAddress Address)> Floating => [(0, Vip), (1, _inside)];

    public override async Task BuildAsync()
    {
        Vip = Address("202.103.106.5", "2001:db8:106::5");
        await BuildOutsideAsync(Vip);
        _inside = Address("172.16.0.1", "fd00:16::1");
        await PlugAsync(Director, "servers", _inside);
        await AddServerAsync("rs1", "servers", Address("172.16.0.2", "fd00:16::2"), 80, 1);
        await AddServerAsync("rs2", "servers", Address("172.16.0.3", "fd00:16::3"), 8000, 2);
        foreach (RealServer server in Servers) await DefaultRouteAsync(server.Host, _inside);
    }

    public override IReadOnlyList<Hop> Inbound(RealServer server, ushort clientPort) =>
    [
        .. ToDirector(clientPort),
        new(Director.Links[1], server.Host.Links[0], new(ClientAddress, clientPort), server.Endpoint, 62)
        {
            Because = "NAT: the destination becomes the real server",
        },
    ];

    public override IReadOnlyList<Hop> Outbound(RealServer server, ushort clientPort) =>
    [
        new(server.Host.Links[0], Director.Links[1], server.Endpoint, new(ClientAddress, clientPort), 64)
        {
            Because = "to the real server's default route, the director",
        },
        .. FromDirector(clientPort, "NAT: the source becomes the VIP again"),
    ];
}
