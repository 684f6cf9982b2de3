using NetVS.Director.Offload;
using NetVS.Director.Services;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.PacketSocket;
using NetVS.Packets;
using NetVS.Testing.Namespaces;

namespace NetVS.Linux.Tests.Flows;

/// <summary>
/// A client (c0, 10.1.0.9), the director (f0, 10.1.0.1 and f1, 10.2.0.1) and a real server (s0, 10.2.0.9) on two wires, with tc and
/// AF_PACKET at the director, whose part the test plays. The virtual service is port 80 of 10.1.0.1.
/// </summary>
internal sealed class FlowWire : IDisposable
{
    public const string ClientAddress = "10.1.0.9", VirtualAddress = "10.1.0.1", RealAddress = "10.2.0.9";
    public const string ClientV6 = "fd01::9", VirtualV6 = "fd01::1", RealV6 = "fd02::9";
    public const int HopToServer = 5, HopToClient = 6;

    private static readonly MacAddress s_client = new(0x0200_0000_0009), s_front = new(0x0200_0000_0001);
    private static readonly MacAddress s_back = new(0x0200_0000_0002), s_server = new(0x0200_0000_000a);
    private readonly List<IDisposable> _parts = [];

    public FlowWire()
    {
        // The fixture's own interface is loopback of another namespace: only its maps and its program are used.
        Flows = new FlowFixture();
        Client = NetworkNamespace.Create("client");
        Director = NetworkNamespace.Create("director");
        Server = NetworkNamespace.Create("server");
        Connect(Client, "c0", s_client, "f0", s_front);
        Connect(Server, "s0", s_server, "f1", s_back);
        Director.Ip("addr add 10.1.0.1/24 dev f0");
        Director.Ip("addr add 10.2.0.1/24 dev f1");
        Director.Ip("addr add fd01::1/64 dev f0 nodad");
        Director.Ip("addr add fd02::1/64 dev f1 nodad");
        Client.Ip("addr add 10.1.0.9/24 dev c0");
        Client.Ip("addr add fd01::9/64 dev c0 nodad");
        Server.Ip("addr add 10.2.0.9/24 dev s0");
        Server.Ip("addr add fd02::9/64 dev s0 nodad");
        Client.Ip($"neigh add 10.1.0.1 lladdr {s_front} dev c0");
        Client.Ip($"neigh add fd01::1 lladdr {s_front} dev c0");
        Server.Ip($"neigh add 10.2.0.1 lladdr {s_back} dev s0");
        Server.Ip($"neigh add fd02::1 lladdr {s_back} dev s0");
        Server.Ip("route add 10.1.0.0/24 via 10.2.0.1");
        Server.Ip("route add fd01::/64 via fd02::1");
        Front = LinkFixture.IndexOf(Director, "f0");
        Back = LinkFixture.IndexOf(Director, "f1");
        SetHop(HopToServer, Back, s_server, s_back);
        SetHop(HopToClient, Front, s_client, s_front);
        Flows.Program.SetOwnAddresses([IpAddress.Parse(VirtualAddress), IpAddress.Parse(VirtualV6)]);
        var virtuals = new HashSet<DivertEndpoint>();
        foreach (IpProtocol protocol in (IpProtocol[])[IpProtocol.Tcp, IpProtocol.Udp])
        {
            virtuals.Add(new DivertEndpoint(protocol, IpAddress.Parse(VirtualAddress), 80));
            virtuals.Add(new DivertEndpoint(protocol, IpAddress.Parse(VirtualV6), 80));
        }

        Flows.Program.Apply(new DivertRules(virtuals, new HashSet<DivertEndpoint>(), new HashSet<DivertEndpoint>(), new HashSet<IpAddress>()));
    }

    public FlowFixture Flows { get; }

    public NetworkNamespace Client { get; }

    public NetworkNamespace Director { get; }

    public NetworkNamespace Server { get; }

    public int Front { get; }

    public int Back { get; }

    /// <summary>Listens on both sides: AF_PACKET sockets (several share the frames), tc ingress, then the MACs.</summary>
    /// <returns>The sockets of the client's side.</returns>
    public IReadOnlyList<PacketSocketLink> Listen(int workers = 1, bool allowTcx = true)
    {
        List<PacketSocketLink> front = [.. Open("f0", Front, workers, allowTcx)];
        _ = Open("f1", Back, workers, allowTcx).ToList();
        Flows.Program.AddInterface(Front, s_front, 0);
        Flows.Program.AddInterface(Back, s_back, 0);
        return front;
    }

    /// <summary>Has XDP on the client's side. The server has it, too, without an interface of ours: only then veth takes redirected frames.</summary>
    public void ListenXdp(XdpMode mode)
    {
        _parts.Add(Director.Run(() => BpfLink.AttachXdp(Flows.Program.Xdp, Front, mode, "f0")));
        _parts.Add(Server.Run(() => BpfLink.AttachXdp(Flows.Program.Xdp, LinkFixture.IndexOf(Server, "s0"), XdpMode.Native, "s0")));
        Flows.Program.AddInterface(Front, s_front, 0);
    }

    /// <summary>Keeps something until the end.</summary>
    public T Keep<T>(T part)
        where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }

    public void SetHop(int number, int interfaceIndex, MacAddress target, MacAddress source, ushort vlan = 0)
    {
        ref FlowHop hop = ref Flows.Memory.Hops[number];
        Span<byte> macs = hop.Macs;
        target.Write(macs);
        source.Write(macs[6..]);
        hop.InterfaceIndex = (uint)interfaceIndex;
        hop.Flags = FlowAbi.HopXdp;
        hop.Vlan = vlan;
        Volatile.Write(ref hop.Version, 2);
    }

    public void SetVlan(int number, ushort vlan) => Flows.Memory.Hops[number].Vlan = vlan;

    public void Dispose()
    {
        for (int i = _parts.Count - 1; i >= 0; i--) _parts[i].Dispose();
        Flows.Dispose();
        Client.Dispose();
        Director.Dispose();
        Server.Dispose();
    }

    private IEnumerable<PacketSocketLink> Open(string name, int index, int workers, bool allowTcx)
    {
        ushort group = 0;
        for (int i = 0; i < workers; i++)
        {
            PacketSocketLink link = Director.Run(() => new PacketSocketLink(index, name, 1500, Flows.Program.Filter));
            _parts.Add(link);
            if (workers > 1) group = link.JoinFanout(group);
            yield return link;
        }

        _parts.Add(Director.Run(() => TcAttachment.Attach(Flows.Program.Ingress, index, name, TcDirection.Ingress, allowTcx)));
    }

    private void Connect(NetworkNamespace other, string theirs, MacAddress theirMac, string ours, MacAddress ourMac)
    {
        NetworkNamespace.Execute(
            "ip", "-n", Director.Name, "link", "add", ours, "address", ourMac.ToString(), "type", "veth", "peer", "name", theirs, "address",
            theirMac.ToString(), "netns", other.Name);
        Director.Ip($"link set {ours} up");
        other.Ip($"link set {theirs} up");
    }
}
