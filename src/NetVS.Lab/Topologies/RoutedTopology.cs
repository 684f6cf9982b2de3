using NetVS.Lab.Hosts;
using NetVS.Lab.Journeys;
using NetVS.Packets;

namespace NetVS.Lab.Topologies;

/// <summary>What NAT, TUN and FULLNAT have in common: a client in another network, a router, the director's site.</summary>
internal abstract class RoutedTopology(Lab lab, bool isV6) : Topology(lab, isV6)
{
    /// <summary>The router between the client and the director's site.</summary>
    protected LabHost Router { get; private set; } = null!;

    /// <summary>The web service as the client sees it.</summary>
    protected IpEndpoint Virtual => new(Vip, 80);

    /// <summary>Makes client and router, and the director with its addresses on the site.</summary>
    protected async Task BuildOutsideAsync(params IpAddress[] directorAddresses)
    {
        ClientAddress = Address("202.100.1.2", "2001:db8:100::2");
        IpAddress clientGateway = Address("202.100.1.1", "2001:db8:100::1");
        IpAddress siteGateway = DirectorGateway = Address("202.103.106.1", "2001:db8:106::1");
        Client = await AddAsync("client", "internet", ClientAddress);
        await DefaultRouteAsync(Client, clientGateway);
        Router = await AddAsync("router", "internet", clientGateway);
        await PlugAsync(Router, "site", siteGateway);
        await ForwardAsync(Router);
        Director = await AddAsync("director", "site", directorAddresses);
        await DefaultRouteAsync(Director, siteGateway);
    }

    /// <summary>The way of a request from the client to the director.</summary>
    protected IReadOnlyList<Hop> ToDirector(ushort clientPort)
    {
        IpEndpoint client = new(ClientAddress, clientPort);
        return
        [
            new(Client.Links[0], Router.Links[0], client, Virtual, 64) { Because = "to the client's default route" },
            new(Router.Links[1], Director.Links[0], client, Virtual, 63) { Because = "routed" },
        ];
    }

    /// <summary>The way of a reply that passed the director, from there to the client.</summary>
    protected IReadOnlyList<Hop> FromDirector(ushort clientPort, string because)
    {
        IpEndpoint client = new(ClientAddress, clientPort);
        return
        [
            new(Director.Links[0], Router.Links[1], Virtual, client, 63) { Because = because },
            new(Router.Links[0], Client.Links[0], Virtual, client, 62) { Because = "routed" },
        ];
    }
}
