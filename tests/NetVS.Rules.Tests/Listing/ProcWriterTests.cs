using NetVS.Packets;
using NetVS.Rules.Listing;

namespace NetVS.Rules.Tests.Listing;

/// <summary>The formats of the kernel's files, as recorded from a Linux 6.1 kernel with IPVS (there with 100 ticks a second).</summary>
public sealed class ProcWriterTests
{
    [Fact]
    public void Services_OfEveryKind_PrintedAsByTheKernel()
    {
        var output = new StringWriter();
        ProcWriter.WriteServices(output, "T",
        [
            Service(ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("192.0.2.10"), 80), "wlc", ServiceFlags.None, "10.0.0.2", 8080, ForwardingMethod.Nat),
            Service(ServiceKey.Of(IpProtocol.Udp, IpAddress.Parse("192.0.2.10"), 53), "rr", ServiceFlags.OnePacket, "10.0.0.2", 53, ForwardingMethod.DirectRouting),
            Service(ServiceKey.Of(IpProtocol.Sctp, IpAddress.Parse("192.0.2.10"), 9), "rr", ServiceFlags.None, "10.0.0.2", 9, ForwardingMethod.Tunnel),
            Service(ServiceKey.OfMark(IpFamily.V4, 7), "rr", ServiceFlags.Persistent, "10.0.0.2", 0, ForwardingMethod.Nat),
            Service(ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("2001:db8::1"), 80), "rr", ServiceFlags.Persistent, "fd00::2", 80, ForwardingMethod.Nat),
        ]);
        output.ToString().ShouldBe(
            "T\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n" +
            "TCP  C000020A:0050 wlc  \n  -> 0A000002:1F90      Masq    1      5          7         \n" +
            "UDP  C000020A:0035 rr ops  \n  -> 0A000002:0035      Route   1      5          7         \n" +
            "SCTP  C000020A:0009 rr  \n  -> 0A000002:0009      Tunnel  1      5          7         \n" +
            "FWM  00000007 rr persistent 15000 FFFFFF00\n  -> 0A000002:0000      Masq    1      5          7         \n" +
            "TCP  [2001:0db8:0000:0000:0000:0000:0000:0001]:0050 rr persistent 15000 40000000\n" +
            "  -> [fd00:0000:0000:0000:0000:0000:0000:0002]:0050      Masq    1      5          7         \n");
    }

    [Fact]
    public void Connections_OfBothFamiliesAndTemplates_PrintedAsByTheKernel()
    {
        var output = new StringWriter();
        ProcWriter.WriteConnection(output, new ConnectionListing(
            IpProtocol.Tcp, 899, "ESTABLISHED", End("198.51.100.7", 40000), End("192.0.2.10", 80), End("10.0.0.2", 8080)));
        ProcWriter.WriteConnection(output, new ConnectionListing(
            IpProtocol.HopByHop, 57, "NONE", End("198.51.100.7", 0), End("0.0.0.7", 0), End("10.0.0.2", 0)));
        ProcWriter.WriteConnection(output, new ConnectionListing(
            IpProtocol.Sctp, 3, "INIT1", End("2001:db8::7", 1), End("2001:db8::1", 9), End("fd00::2", 9)));
        output.ToString().ShouldBe(
            "TCP C6336407 9C40 C000020A 0050 0A000002 1F90 ESTABLISHED     899\n" +
            "IP  C6336407 0000 00000007 0000 0A000002 0000 NONE             57\n" +
            "SCTP 2001:0db8:0000:0000:0000:0000:0000:0007 0001 2001:0db8:0000:0000:0000:0000:0000:0001 0009 fd00:0000:0000:0000:0000:0000:0000:0002 0009 INIT1             3\n");
    }

    [Fact]
    public void Statistics_AreHexadecimal()
    {
        var output = new StringWriter();
        ProcWriter.WriteStatistics(output, new StatisticsListing(10, 255, 0, 0x1_0000_0000, 1, 2, 3, 4, 5, 6));
        output.ToString().ShouldBe(
            "   Total Incoming Outgoing         Incoming         Outgoing\n   Conns  Packets  Packets            Bytes            Bytes\n" +
            "       A       FF        0        100000000                1\n\n Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n" +
            "       2        3        4                5                6\n");
    }

    private static IpEndpoint End(string address, ushort port) => new(IpAddress.Parse(address), port);

    private static ServiceListing Service(ServiceKey key, string scheduler, ServiceFlags flags, string real, ushort port, ForwardingMethod method) => new(
        new VirtualServiceRule { Key = key, Scheduler = scheduler, Flags = flags, PersistenceTimeout = 60, Netmask = 0xFFFF_FF00, NetmaskPrefix = 64 },
        StatisticsListing.Zero,
        [new DestinationListing(new DestinationRule { Real = End(real, port), Method = method }, 5, 7, 0, StatisticsListing.Zero)], []);
}
