using NetVS.Lab.Journeys;
using NetVS.Packets;

namespace NetVS.Lab.Topologies;

/// <summary>FULLNAT: real servers without any route to the client; they only know the director's local addresses.</summary>
internal sealed class FullNatTopology(Lab lab, bool isV6) : RoutedTopology(lab, isV6)
{
    private IpAddress _local;

    public override string Name => "fullnat";

    public override string Summary => "FULLNAT: the director rewrites both ends with an address of its own, so real servers need no route to the client; TOA tells them who it is";

    public override string Scheduler => "rr";

    public override string MethodOption => "-b";

    public override string? RealServerMethod => "fullnat";

    public override string? TrustedSenders => _local.ToString();

    public override IReadOnlyList<IpAddress> LocalAddresses => [_local];

    public override IReadOnlyList<(int Link, IpAddress Address)> Floating => [(0, Vip), (1, _local)];

    public override (int Requests, IReadOnlyList<int> Answers) Share => (10, [5, 5]);

    public override async Task BuildAsync()
    {
        Vip = Address("202.103.106.5", "2001:db8:106::5");
        _local = Address("172.16.0.11", "fd00:16::11");
        await BuildOutsideAsync(Vip);
        await PlugAsync(Director, "servers", Address("172.16.0.1", "fd00:16::1"), _local);
        await AddServerAsync("rs1", "servers", Address("172.16.0.2", "fd00:16::2"));
        await AddServerAsync("rs2", "servers", Address("172.16.0.3", "fd00:16::3"));
    }

    public override IReadOnlyList<Hop> Inbound(RealServer server, ushort clientPort) =>
    [
        .. ToDirector(clientPort),
        new(Director.Links[1], server.Host.Links[0], new(_local, 0), server.Endpoint, 62)
        {
            CarriesClientAddress = true,
            Because = "FULLNAT: both ends become the director's local address and the real server",
        },
    ];

    public override IReadOnlyList<Hop> Outbound(RealServer server, ushort clientPort) =>
    [
        new(server.Host.Links[0], Director.Links[1], server.Endpoint, new(_local, 0), 64) { Because = "to a neighbour: no route is needed" },
        .. FromDirector(clientPort, "FULLNAT: both ends become the VIP and the client again"),
    ];
}
