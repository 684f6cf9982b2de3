using System.Runtime.InteropServices;
using NetVS.Director.Marks;
using NetVS.Director.Services;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;

namespace NetVS.Linux.Tests.Divert;

/// <summary>Which frames the director must see: one table, decided by the XDP program, by tc ingress and by the socket filter alike.</summary>
public sealed class DivertProgramTests : IClassFixture<LoadedDivert>
{
    // The test run's device unless told otherwise: loopback of the caller's namespace.
    private const int Loopback = 1;
    private const uint XDP_PASS = 2, XDP_REDIRECT = 4, TC_ACT_SHOT = 2, TC_ACT_UNSPEC = uint.MaxValue;

    private const string Us = "02:00:00:00:00:02", Peer = "02:00:00:00:00:01", Other = "02:00:00:00:00:99";
    private const string Client = "203.0.113.7:40000", Vip = "10.0.0.1:80", Real = "192.168.1.10:8080";

    private readonly DivertProgram _program;

    public DivertProgramTests(LoadedDivert loaded)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "loading eBPF needs root");
        _program = loaded.Program!;
        _program.SetTap(0);
        MacAddress.TryParse(Us, out MacAddress mac).ShouldBeTrue();
        _program.AddInterface(Loopback, mac, 0);
        _program.SetOwnAddresses([Address("10.0.0.1"), Address("192.168.1.1"), Address("192.168.1.2"), Address("2001:db8::1"), Address("fd00::1")]);
        _program.Apply(new DivertRules(
            new HashSet<DivertEndpoint>
            {
                Endpoint(IpProtocol.Tcp, Vip), Endpoint(IpProtocol.Udp, "10.0.0.1:0"), Endpoint(IpProtocol.Tcp, "[2001:db8::1]:80"),
            },
            new HashSet<DivertEndpoint>
            {
                Endpoint(IpProtocol.Tcp, Real), Endpoint(IpProtocol.Udp, "192.168.1.10:0"), Endpoint(IpProtocol.Tcp, "[fd00::10]:8080"),
            },
            new HashSet<DivertEndpoint>
            {
                Endpoint(IpProtocol.IpInIp, "172.16.5.5:0"), Endpoint(IpProtocol.IpInIp, "[fd00::55]:0"), Endpoint(IpProtocol.Gre, "172.16.5.6:0"),
                Endpoint(IpProtocol.Udp, "172.16.5.7:6080"), Endpoint(IpProtocol.Udp, "[fd00::57]:6080"),
            },
            new HashSet<IpAddress> { Address("192.168.1.2") })
        {
            Marked = Marked(
                "any 198.51.100.9 8005 0", "tcp 198.51.100.0/24 8000-8010 7", "any 198.51.100.9 any 8", "udp 2001:db8:77::/48 53 7",
                "sctp 10.0.0.1 3868 7"),
        });
    }

    private static IReadOnlyList<MarkedNetwork> Marked(params string[] rules) => MarkMap.Of([.. rules.Select(r =>
    {
        MarkRule.TryParse(r.Split(' '), out MarkRule? rule, out string? problem).ShouldBeTrue(problem);
        return rule!;
    })]).Networks;

    public static TheoryData<string, bool, byte[]> Decisions()
    {
        var rows = new TheoryData<string, bool, byte[]>();
        void Row(string name, bool isDiverted, PacketBuilder packet) => rows.Add(name, isDiverted, packet.Macs(Peer, Us).Build());
        PacketBuilder Tcp(string from, string to) => PacketBuilder.Tcp(from, to, TcpFlags.Syn);
        PacketBuilder Udp(string from, string to) => PacketBuilder.Udp(from, to).Payload(20);
        byte[] Quote(PacketBuilder packet) => packet.BuildIp()[..28];
        byte[] QuoteV6(PacketBuilder packet) => packet.BuildIp()[..48];
        PacketBuilder TunnelError(PacketBuilder packet) => PacketBuilder.IcmpError("172.16.5.1", "192.168.1.1", 3, 4, Quote(packet), 1400);

        Row("tcp to a virtual endpoint", true, Tcp(Client, Vip));
        Row("tcp to another port of a virtual address", false, Tcp(Client, "10.0.0.1:22"));
        Row("udp to any port of a virtual address", true, Udp(Client, "10.0.0.1:5353"));
        Row("tcp to an address that is not virtual", false, Tcp(Client, "10.0.0.2:80"));
        Row("tcp with ip options", true, Tcp(Client, Vip).IpOptions(7, 7, 4, 0, 0, 0, 0, 0));
        Row("one vlan tag", true, Tcp(Client, Vip).Vlan(100));
        Row("two vlan tags", true, Tcp(Client, Vip).Vlan(100, type: 0x88A8).Vlan(7));
        Row("three vlan tags", false, Tcp(Client, Vip).Vlan(100, type: 0x88A8).Vlan(7).Vlan(8));
        Row("reply of a real server", true, Tcp(Real, Client));
        Row("reply of a real server from another port", false, Tcp("192.168.1.10:22", Client));
        Row("udp from any port of a real server", true, Udp("192.168.1.10:999", Client));
        Row("real server to an address of the director", false, Tcp(Real, "192.168.1.1:35000"));
        Row("real server to a local address", true, Tcp(Real, "192.168.1.2:35000"));
        Row("real server as a client of the service", true, Tcp("192.168.1.10:35000", Vip));
        Row("echo request to a virtual address", false, PacketBuilder.Icmp("203.0.113.7", "10.0.0.1", 8, 0).Payload(20));
        Row("icmp error to a virtual address", true, PacketBuilder.IcmpError("203.0.113.1", "10.0.0.1", 3, 4, Quote(Tcp(Vip, Client))));
        Row("icmp error to a local address", true, PacketBuilder.IcmpError("192.168.1.10", "192.168.1.2", 3, 1, Quote(Tcp("192.168.1.2:5000", Real))));
        Row("icmp error about a packet to a real server", true, PacketBuilder.IcmpError("192.168.1.254", "203.0.113.7", 3, 3, Quote(Tcp(Client, Real))));
        Row("icmp error about another port of a real server", false, PacketBuilder.IcmpError("192.168.1.254", "203.0.113.7", 3, 3, Quote(Tcp(Client, "192.168.1.10:22"))));
        Row("icmp error to the director about its own packet", false, PacketBuilder.IcmpError("192.168.1.254", "192.168.1.1", 3, 3, Quote(Tcp("192.168.1.1:3000", Real))));
        Row("icmp error about our tunnel", true, PacketBuilder.IcmpError("172.16.5.1", "192.168.1.1", 3, 4, Quote(PacketBuilder.Ip("192.168.1.1", "172.16.5.5", 4).Payload(60))));
        Row("icmp error about another tunnel", false, PacketBuilder.IcmpError("172.16.5.1", "192.168.1.1", 3, 4, Quote(PacketBuilder.Ip("192.168.1.1", "172.16.5.6", 4).Payload(60))));
        Row("icmp redirect to a virtual address", false, PacketBuilder.IcmpError("203.0.113.1", "10.0.0.1", 5, 1, Quote(Tcp(Vip, Client))));
        Row("first fragment to a virtual address", true, Udp(Client, "10.0.0.1:53").Fragment(0, true));
        Row("later fragment to a virtual address", true, Udp(Client, "10.0.0.1:53").Fragment(1480, false));
        Row("later fragment of a real server", true, Udp("192.168.1.10:53", Client).Fragment(1480, false));
        Row("later fragment of a real server to the director", false, Udp("192.168.1.10:53", "192.168.1.1:2000").Fragment(1480, false));
        Row("fragment to a local address", true, Udp("192.168.1.10:53", "192.168.1.2:2000").Fragment(1480, false));
        Row("fragment of others", false, Udp(Client, "10.0.0.2:53").Fragment(1480, false));
        Row("gre to a virtual address", false, PacketBuilder.Ip("203.0.113.7", "10.0.0.1", 47).Payload(20));
        Row("tcp over ipv6 to a virtual endpoint", true, Tcp("[2001:db8:7::7]:40000", "[2001:db8::1]:80"));
        Row("tcp over ipv6 to another port", false, Tcp("[2001:db8:7::7]:40000", "[2001:db8::1]:22"));
        Row("ipv6 with extension headers", true, Tcp("[2001:db8:7::7]:40000", "[2001:db8::1]:80").HopByHop().DestinationOptions());
        Row("ipv6 reply of a real server", true, Tcp("[fd00::10]:8080", "[2001:db8:7::7]:40000"));
        Row("ipv6 real server to the director", false, Tcp("[fd00::10]:8080", "[fd00::1]:40000"));
        Row("ipv6 later fragment to a virtual address", true, Udp("[2001:db8:7::7]:53", "[2001:db8::1]:53").Fragment(1480, false, 7));
        Row("ipv6 neighbour solicitation to a virtual address", false, PacketBuilder.Icmp("2001:db8::7", "2001:db8::1", 135, 0).Payload(20));
        Row("ipv6 echo request", false, PacketBuilder.Icmp("2001:db8::7", "2001:db8::1", 128, 0).Payload(20));
        Row("ipv6 packet too big to a virtual address", true, PacketBuilder.IcmpError("2001:db8::7", "2001:db8::1", 2, 0, QuoteV6(Tcp("[2001:db8::1]:80", "[2001:db8:7::7]:40000")), 1280));
        Row("ipv6 error about a packet to a real server", true, PacketBuilder.IcmpError("fd00::99", "2001:db8:7::7", 1, 3, QuoteV6(Tcp("[2001:db8:7::7]:40000", "[fd00::10]:8080"))));
        Row("ipv6 error about our tunnel", true, PacketBuilder.IcmpError("fd00::99", "fd00::1", 2, 0, QuoteV6(PacketBuilder.Ip("fd00::1", "fd00::55", 41).Payload(60)), 1400));
        Row("error about a GRE tunnel of ours", true, TunnelError(PacketBuilder.Ip("192.168.1.1", "172.16.5.6", 47).Payload(60)));
        Row("error about another's GRE packet to an IPIP tunnel's end", false, TunnelError(PacketBuilder.Ip("192.168.1.1", "172.16.5.5", 47).Payload(60)));
        Row("error about IPIP to a GRE tunnel's end", false, TunnelError(PacketBuilder.Ip("192.168.1.1", "172.16.5.6", 4).Payload(60)));
        Row("error about a GUE tunnel of ours", true, TunnelError(PacketBuilder.Udp("192.168.1.1:40000", "172.16.5.7:6080").Payload(60)));
        Row("error about another UDP packet to a GUE tunnel's end", false, TunnelError(PacketBuilder.Udp("192.168.1.1:40000", "172.16.5.7:53").Payload(60)));
        Row("ipv6 error about a GUE tunnel of ours", true, PacketBuilder.IcmpError("fd00::99", "fd00::1", 2, 0, QuoteV6(PacketBuilder.Udp("[fd00::1]:40000", "[fd00::57]:6080").Payload(60)), 1400));
        PacketBuilder Sctp(string from, string to) => PacketBuilder.Sctp(from, to, SctpChunkType.Init);
        Row("the first marked port of a prefix", true, Tcp(Client, "198.51.100.77:8000"));
        Row("the last marked port of a prefix", true, Tcp(Client, "198.51.100.77:8010"));
        Row("before the marked ports of a prefix", false, Tcp(Client, "198.51.100.77:7999"));
        Row("behind the marked ports of a prefix", false, Tcp(Client, "198.51.100.77:8011"));
        Row("another protocol's marked port", false, Udp(Client, "198.51.100.77:8000"));
        Row("beside the prefix", false, Tcp(Client, "198.51.101.77:8000"));
        Row("exempt at one address of the prefix", false, Tcp(Client, "198.51.100.9:8005"));
        Row("the prefix's port at that address", true, Tcp(Client, "198.51.100.9:8006"));
        Row("that address's own ports, in two ranges", true, Udp(Client, "198.51.100.9:65535"));
        Row("marked in ipv6", true, Udp("[2001:db8:7::7]:40000", "[2001:db8:77:1::5]:53"));
        Row("not marked in ipv6", false, Udp("[2001:db8:7::7]:40000", "[2001:db8:77:1::5]:54"));
        Row("marked sctp at a virtual address", true, Sctp(Client, "10.0.0.1:3868"));
        Row("other sctp at a virtual address", false, Sctp(Client, "10.0.0.1:3869"));
        Row("fragment to a marked address", true, Udp(Client, "198.51.100.77:53").Fragment(1480, false));
        Row("icmp error to a marked address", true, PacketBuilder.IcmpError("203.0.113.1", "198.51.100.77", 3, 4, Quote(Tcp("198.51.100.77:8000", Client))));
        Row("esp to an address with a service on every udp port", true, PacketBuilder.Ip("203.0.113.7", "10.0.0.1", 50).Payload(40));
        Row("ah from a real server on every udp port", true, PacketBuilder.Ip("192.168.1.10", "203.0.113.7", 51).Payload(40));
        Row("esp to another address", false, PacketBuilder.Ip("203.0.113.7", "10.0.0.2", 50).Payload(40));
        Row("ethernet padding", true, Tcp(Client, Vip).PadEthernet());
        return rows;
    }

    [Theory]
    [MemberData(nameof(Decisions))]
    public void Decision_OfAllThreePrograms_IsTheSame(string name, bool isDiverted, byte[] frame)
    {
        Run(_program.Xdp, frame).ShouldBe(XDP_PASS, $"{name}: without a socket the kernel has it");
        Run(_program.Ingress, frame).ShouldBe(isDiverted ? TC_ACT_SHOT : TC_ACT_UNSPEC, name);
        CountedAsDiverted(_program.Xdp, frame).ShouldBe(isDiverted, $"{name}, by XDP");
        CountedAsDiverted(_program.Ingress, frame).ShouldBe(isDiverted, $"{name}, by tc");
        if (PacketShape.TryParse(frame, out PacketShape shape) && shape.VlanTags == 0)
            Run(_program.Filter, frame).ShouldBe(isDiverted ? uint.MaxValue : 0u, $"{name}, by the socket filter");
    }

    [Fact]
    public void Decision_OfAnotherHostsFrame_IsToPass()
    {
        byte[] frame = PacketBuilder.Tcp(Client, Vip, TcpFlags.Syn).Macs(Peer, Other).Build();
        Run(_program.Ingress, frame).ShouldBe(TC_ACT_UNSPEC);
        CountedAsDiverted(_program.Xdp, frame).ShouldBeFalse();
    }

    [Fact]
    public void Decision_OfEveryTruncation_NeverDivertsWithoutPorts()
    {
        byte[] whole = PacketBuilder.Tcp(Client, Vip, TcpFlags.Syn).Macs(Peer, Us).Build();
        for (int length = 14; length < 38; length++)
            CountedAsDiverted(_program.Xdp, whole[..length]).ShouldBeFalse($"{length} octets");

        // A test run of tc takes no packet without a whole IP header.
        for (int length = 34; length < 38; length++)
            Run(_program.Ingress, whole[..length]).ShouldBe(TC_ACT_UNSPEC, $"{length} octets");
        Run(_program.Ingress, whole[..38]).ShouldBe(TC_ACT_SHOT);
    }

    [Fact]
    public void Apply_OfFewerRules_LeavesTheRestToTheKernel()
    {
        byte[] frame = PacketBuilder.Tcp(Client, Vip, TcpFlags.Syn).Macs(Peer, Us).Build();
        Run(_program.Ingress, frame).ShouldBe(TC_ACT_SHOT);
        _program.Apply(new DivertRules(
            new HashSet<DivertEndpoint>(), new HashSet<DivertEndpoint>(), new HashSet<DivertEndpoint>(), new HashSet<IpAddress>()));
        Run(_program.Ingress, frame).ShouldBe(TC_ACT_UNSPEC);
    }

    [Fact]
    public void RemoveInterface_LeavesItsFramesToTheKernel()
    {
        byte[] frame = PacketBuilder.Tcp(Client, Vip, TcpFlags.Syn).Macs(Peer, Us).Build();
        MacAddress.TryParse(Us, out MacAddress mac).ShouldBeTrue();
        _program.RemoveInterface(Loopback, mac);
        Run(_program.Ingress, frame).ShouldBe(TC_ACT_UNSPEC);
    }

    [Fact]
    public void Egress_OfAReplyOfALocalRealServer_GoesToTheTap()
    {
        const uint TC_ACT_REDIRECT = 7;
        _program.SetOwnAddresses([Address("192.168.1.10")]);
        byte[] reply = PacketBuilder.Tcp(Real, Client, TcpFlags.Ack).Macs(Us, Peer).Build();
        byte[] other = PacketBuilder.Tcp("192.168.1.10:22", Client, TcpFlags.Ack).Macs(Us, Peer).Build();
        Run(_program.Egress, reply).ShouldBe(TC_ACT_UNSPEC, "there is no tap yet");
        _program.SetTap(Loopback);
        Run(_program.Egress, reply).ShouldBe(TC_ACT_REDIRECT);
        Run(_program.Egress, other).ShouldBe(TC_ACT_UNSPEC);
        Run(_program.Egress, reply, mark: DivertAbi.DIRECTOR_MARK).ShouldBe(TC_ACT_UNSPEC, "the director sent it");
    }

    [Fact]
    public void Egress_OfARequestOfALocalClient_GoesToTheTap_AndOnlyItsRepliesAreTheDirectors()
    {
        const uint TC_ACT_REDIRECT = 7;
        string vip = Vip[..Vip.LastIndexOf(':')], client = $"{vip}:40000";
        byte[] request = PacketBuilder.Tcp(client, Vip, TcpFlags.Syn).Macs(Us, Peer).Build();
        byte[] reply = PacketBuilder.Tcp(Real, client, TcpFlags.Ack).Macs(Peer, Us).Build();
        byte[] toOther = PacketBuilder.Tcp(Real, $"{vip}:40001", TcpFlags.Ack).Macs(Peer, Us).Build();
        _program.SetTap(Loopback);
        _program.SetOwnAddresses([]);
        Run(_program.Egress, request).ShouldBe(TC_ACT_UNSPEC, "the host forwards it, and has not made it");

        _program.SetOwnAddresses([Address(vip)]);
        CountedAsDiverted(_program.Ingress, reply).ShouldBeFalse("nobody has asked");
        Run(_program.Egress, PacketBuilder.Tcp(client, $"{vip}:22", TcpFlags.Syn).Macs(Us, Peer).Build()).ShouldBe(TC_ACT_UNSPEC);
        Run(_program.Egress, request).ShouldBe(TC_ACT_REDIRECT);
        _program.ReadCounters()["divert_local_request"].ShouldBe(1, "no other test asks");
        CountedAsDiverted(_program.Ingress, reply).ShouldBeTrue();
        CountedAsDiverted(_program.Ingress, toOther).ShouldBeFalse("a health check's answer, say");
    }

    [Fact]
    public void Ingress_FromAnAddressOfTheHostsOwn_IsTheKernelsToRefuse()
    {
        byte[] frame = PacketBuilder.Tcp(Client, Vip, TcpFlags.Syn).Macs(Peer, Us).Build();
        CountedAsDiverted(_program.Ingress, frame).ShouldBeTrue();
        _program.SetOwnAddresses([Address(Client[..Client.LastIndexOf(':')])]);
        CountedAsDiverted(_program.Ingress, frame).ShouldBeFalse();
    }

    private static IpAddress Address(string text) => IpAddress.Parse(text);

    private static DivertEndpoint Endpoint(IpProtocol protocol, string text)
    {
        int colon = text.LastIndexOf(':');
        return new DivertEndpoint(protocol, Address(text[..colon].Trim('[', ']')), ushort.Parse(text[(colon + 1)..]));
    }

    private bool CountedAsDiverted(BpfProgram program, byte[] frame)
    {
        long before = Diverted();
        Run(program, frame);
        return Diverted() > before;

        long Diverted() => _program.ReadCounters().Where(c => c.Key is "divert_to_virtual" or "divert_from_real" or "divert_fragment" or "divert_icmp_error").Sum(c => c.Value);
    }

    private static uint Run(BpfProgram program, byte[] frame, uint mark = 0)
    {
        // struct __sk_buff: mark at 8, ifindex at 40; a run without a context is on loopback.
        // A test run takes a link header off before a socket filter sees the packet, and a packet socket does not: so one more goes in front.
        if (program.Name == "netvs_filter") frame = [.. new byte[12], 0x88, 0xB5, .. frame];
        byte[] context = program.Name == "netvs_xdp" ? [] : new byte[192];
        if (context.Length > 0) MemoryMarshal.Write(context.AsSpan(8), mark);
        return program.TestRun(frame, new byte[frame.Length + 256], 1, context, new byte[context.Length]).ReturnValue;
    }
}
