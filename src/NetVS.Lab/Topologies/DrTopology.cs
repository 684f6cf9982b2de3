using NetVS.Lab.Hosts;
using NetVS.Lab.Journeys;
using NetVS.Packets;

namespace NetVS.Lab.Topologies;

/// <summary>DR: everything on one network, the director with one arm.</summary>
internal sealed class DrTopology(Lab lab, bool isV6) : Topology(lab, isV6)
{
    public override string Name => "dr";

    public override string Summary => "DR: the director only changes the Ethernet destination; real servers own the VIP and answer the client directly";

    public override string Scheduler => "rr";

    public override string MethodOption => "-g";

    public override string? RealServerMethod => "dr";

    public override (int Requests, IReadOnlyList<int> Answers) Share => (10, [5, 5]);

    public override async Task BuildAsync()
    {
        Vip = Address("172.20.120.53", "2001:db8:120::53");
        ClientAddress = Address("172.20.120.50", "2001:db8:120::50");
        Client = await AddAsync("client", "lan", ClientAddress);
        Director = await AddAsync("director", "lan", Address("172.20.120.54", "2001:db8:120::54"), Vip);
        await AddServerAsync("rs1", "lan", Address("172.20.120.55", "2001:db8:120::55"));
        await AddServerAsync("rs2", "lan", Address("172.20.120.57", "2001:db8:120::57"));
    }

    public override IReadOnlyList<Hop> Inbound(RealServer server, ushort clientPort)
    {
        IpEndpoint client = new(ClientAddress, clientPort), vip = new(Vip, 80);
        LabLink director = Director.Links[0];
        return
        [
            new(Client.Links[0], director, client, vip, 64) { Because = "the director answers for the VIP" },
            new(director, server.Host.Links[0], client, vip, 63) { Because = "DR: only the MACs change, and the TTL" },
        ];
    }

    public override IReadOnlyList<Hop> Outbound(RealServer server, ushort clientPort) =>
    [
        new(server.Host.Links[0], Client.Links[0], new(Vip, 80), new(ClientAddress, clientPort), 64) { Because = "straight to the client, from the VIP" },
    ];
}
