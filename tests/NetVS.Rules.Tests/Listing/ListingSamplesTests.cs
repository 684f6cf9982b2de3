using NetVS.Packets;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;

namespace NetVS.Rules.Tests.Listing;

/// <summary>The samples of reference §12.8, to the byte; sorted unsigned, as we do on purpose.</summary>
public sealed class ListingSamplesTests
{
    private const string Version = "IP Virtual Server version 1.2.1 (size=4096)";

    private static ServiceListing Service(string line, StatisticsListing? statistics, params DestinationListing[] destinations)
    {
        IpvsadmParse parse = IpvsadmParser.Parse(line.Split(' '), NoNames.Instance);
        parse.Failure.ShouldBeNull(line);
        return new ServiceListing(parse.Command!.ServiceRule!, statistics ?? StatisticsListing.Zero, destinations, []);
    }

    private static DestinationListing Server(
        string real, string method, int active = 0, int inactive = 0, int persistent = 0, StatisticsListing? statistics = null)
    {
        IpvsadmParse parse = IpvsadmParser.Parse($"-a -f 1 {(real.Contains('[') ? "-6 " : "")}-r {real} {method}".Split(' '), NoNames.Instance);
        parse.Failure.ShouldBeNull(real);
        return new DestinationListing(parse.Command!.Destination!, active, inactive, persistent, statistics ?? StatisticsListing.Zero);
    }

    private static string Print(ListingLayout layout, bool isExact, string? version, params ServiceListing[] services)
    {
        using var output = new StringWriter();
        var options = new ListingOptions { Layout = layout, IsExact = isExact, IsNumeric = true };
        new ServiceListingWriter(output, options, NoNames.Instance).Write(services, version);
        return output.ToString();
    }

    private static string Lines(params string[] lines) => string.Concat(lines.Select(l => l.TrimEnd('|') + "\n"));

    [Fact]
    public void Default_Sample_IsPrintedToTheByte()
    {
        DestinationListing local = Server("10.0.0.3:9", "-g");
        local = local with { Rule = local.Rule with { Method = ForwardingMethod.Local } };
        string text = Print(
            ListingLayout.Default, false, Version,
            Service("-A -f 8 -6", null, Server("[2001:db8::a0a0]:0", "-m")),
            Service("-A -f 7 -s sh -p 60 -o", null, Server("10.0.0.3:0", "-g")),
            Service("-A -t [2001:db8::80]:80 -s rr -p 300 -M 64", null,
                Server("[2001:db8:1234:5678:9abc:def0:1234:5678]:80", "-g", 1, 2), Server("10.9.9.9:80", "-i", 1, 2)),
            Service("-A --sctp-service 10.1.1.1:9 -s wrr -b flag-1,flag-3", null, local),
            Service("-A -u 192.0.2.11:5060 -s rr -p 100 --pe sip -o", null, Server("10.0.0.3:5060", "-m")),
            Service("-A -u 192.0.2.10:53 -s sh -b sh-fallback,sh-port -o", null, Server("10.0.0.3:53", "-m")),
            Service("-A -t 10.1.1.1:443 -s mh -b mh-fallback -p 360", null, Server("10.0.0.3:443", "-m -w 0")),
            Service("-A -t 10.1.1.1:0 -s rr -p 300 -M 255.255.255.0", null, Server("10.0.0.3:0", "-m")),
            Service("-A -t 192.0.2.10:80", null,
                Server("10.0.0.2:8080", "-m", 5, 7), Server("10.0.0.1:80", "-g -w 100", 55, 77), Server("172.16.0.1:80", "-i")));
        text.ShouldBe(Lines(
            "IP Virtual Server version 1.2.1 (size=4096)|",
            "Prot LocalAddress:Port Scheduler Flags|",
            "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn|",
            "TCP  10.1.1.1:0 rr persistent 300 mask 255.255.255.0|",
            "  -> 10.0.0.3:0                   Masq    1      0          0         |",
            "TCP  10.1.1.1:443 mh (mh-fallback) persistent 360|",
            "  -> 10.0.0.3:443                 Masq    0      0          0         |",
            "TCP  192.0.2.10:80 wlc|",
            "  -> 10.0.0.1:80                  Route   100    55         77        |",
            "  -> 10.0.0.2:8080                Masq    1      5          7         |",
            "  -> 172.16.0.1:80                Tunnel  1      0          0         |",
            "UDP  192.0.2.10:53 sh (sh-fallback,sh-port) ops|",
            "  -> 10.0.0.3:53                  Masq    1      0          0         |",
            "UDP  192.0.2.11:5060 rr persistent 100 pe sip ops|",
            "  -> 10.0.0.3:5060                Masq    1      0          0         |",
            "SCTP 10.1.1.1:9 wrr (flag-1,flag-3)|",
            "  -> 10.0.0.3:9                   Local   1      0          0         |",
            "TCP  [2001:db8::80]:80 rr persistent 300 mask 64|",
            "  -> 10.9.9.9:80                  Tunnel  1      1          2         |",
            "  -> [2001:db8:1234:5678:9abc:def0:1234:5678]:80 Route   1      1          2         |",
            "FWM  7 sh persistent 60 ops|",
            "  -> 10.0.0.3:0                   Route   1      0          0         |",
            "FWM  8 IPv6 wlc|",
            "  -> [2001:db8::a0a0]:0           Masq    1      0          0         |"));
    }

    private static ServiceListing StatisticsSample() => Service("-A -t 192.0.2.10:80",
        new StatisticsListing(123, 4567, 8901, 99999999, 100000000, 1, 20, 30, 4000, 5000000),
        Server("10.0.0.2:8080", "-m", statistics: new StatisticsListing(1, 2, 3, 999999999, 1000000000, 1, 2, 3, 4, 5)),
        Server("10.0.0.1:80", "-g", statistics: new StatisticsListing(1, 2, 3, 99999999999, 100000000000, 1, 2, 3, 4, 5)));

    [Fact]
    public void Statistics_Sample_IsPrintedToTheByte()
    {
        Print(ListingLayout.Statistics, false, Version, StatisticsSample()).ShouldBe(Lines(
            "IP Virtual Server version 1.2.1 (size=4096)|",
            "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes|",
            "  -> RemoteAddress:Port|",
            "TCP  192.0.2.10:80                     123     4567     8901 99999999  100000K|",
            "  -> 10.0.0.1:80                         1        2        3   99999M     100G|",
            "  -> 10.0.0.2:8080                       1        2        3  999999K    1000M|"));
        Print(ListingLayout.Statistics, true, null, StatisticsSample()).ShouldContain(Lines(
            "TCP  192.0.2.10:80                     123     4567     8901 99999999 100000000|",
            "  -> 10.0.0.1:80                         1        2        3 99999999999 100000000000|"));
    }

    [Fact]
    public void Rates_Sample_IsPrintedToTheByte() =>
        Print(ListingLayout.Rates, false, null, StatisticsSample()).ShouldBe(Lines(
            "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS|",
            "  -> RemoteAddress:Port|",
            "TCP  192.0.2.10:80                       1       20       30     4000  5000000|",
            "  -> 10.0.0.1:80                         1        2        3        4        5|",
            "  -> 10.0.0.2:8080                       1        2        3        4        5|"));

    [Fact]
    public void Thresholds_Sample_IsPrintedToTheByte() =>
        Print(ListingLayout.Thresholds, false, null, Service("-A -t 192.0.2.10:80", null, Server("10.0.0.1:80", "-g -x 1000 -y 750", 55, 77)))
            .ShouldBe(Lines(
                "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn |",
                "  -> RemoteAddress:Port|",
                "TCP  192.0.2.10:80 wlc|",
                "  -> 10.0.0.1:80                  1000       750        55         77        |"));

    [Fact]
    public void PersistentConnections_Sample_IsPrintedToTheByte() =>
        Print(ListingLayout.PersistentConnections, false, null,
            Service("-A -t 10.1.1.1:0 -s rr -p 300 -M 255.255.255.0", null, Server("10.0.0.3:0", "-m", persistent: 3)))
            .ShouldBe(Lines(
                "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn |",
                "  -> RemoteAddress:Port|",
                "TCP  10.1.1.1:0 rr persistent 300 mask 255.255.255.0|",
                "  -> 10.0.0.3:0                   1         3           0          0         |"));

    [Fact]
    public void TunnelInfo_Sample_IsPrintedToTheByte() =>
        Print(ListingLayout.TunnelInfo, false, null, Service("-A -t 192.0.2.10:80", null,
            Server("172.16.0.1:80", "-i --tun-type gue --tun-port 6080 --tun-remcsum"),
            Server("172.16.0.2:80", "-i --tun-type gre --tun-csum"),
            Server("192.168.0.1:80", "-i"),
            Server("10.0.0.1:80", "-g -w 100", 55, 77)))
            .ShouldBe(Lines(
                "Prot LocalAddress:Port Scheduler Flags|",
                "  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn|",
                "TCP  192.0.2.10:80 wlc|",
                "  -> 10.0.0.1:80                  Route   n/a           100    55         77        |",
                "  -> 172.16.0.1:80                Tunnel  gue:6080:r+c  1      0          0         |",
                "  -> 172.16.0.2:80                Tunnel  gre:+c        1      0          0         |",
                "  -> 192.168.0.1:80               Tunnel  ipip          1      0          0         |"));

    [Theory]
    [InlineData(0ul, "        0")]
    [InlineData(99_999_999ul, " 99999999")]
    [InlineData(100_000_000ul, "  100000K")]
    [InlineData(999_999_999ul, "  999999K")]
    [InlineData(1_000_000_000ul, "    1000M")]
    [InlineData(99_999_999_999ul, "   99999M")]
    [InlineData(100_000_000_000ul, "     100G")]
    [InlineData(99_999_999_999_999ul, "   99999G")]
    [InlineData(100_000_000_000_000ul, "     100T")]
    [InlineData(ulong.MaxValue, "18446744T")]
    public void LargeNumber_AtEachStep_IsCutDown(ulong number, string text) => LargeNumber.Format(number, false).ShouldBe(text);

    [Theory]
    [InlineData(99_999_999ul, " 99999999")]
    [InlineData(100_000_000ul, " 100000000")]
    [InlineData(ulong.MaxValue, " 18446744073709551615")]
    public void LargeNumber_Exact_TakesItsColumns(ulong number, string text) => LargeNumber.Format(number, true).ShouldBe(text);

    private static ConnectionListing Connection(
        IpProtocol protocol, long expires, string state, string client, string service, string real, string? engine = null, string? data = null) =>
        new(protocol, expires, state, Endpoint(client), Endpoint(service), Endpoint(real), engine, data);

    private static IpEndpoint Endpoint(string text)
    {
        int colon = text.LastIndexOf(':');
        return new IpEndpoint(IpAddress.Parse(text[..colon].Trim('[', ']')), ushort.Parse(text[(colon + 1)..]));
    }

    [Fact]
    public void Connections_Sample_IsPrintedToTheByte()
    {
        using var output = new StringWriter();
        var writer = new ConnectionListingWriter(output, new ListingOptions { IsNumeric = true }, NoNames.Instance);
        writer.Write(Connection(IpProtocol.Tcp, 899, "ESTABLISHED", "198.51.100.7:40000", "192.0.2.10:80", "10.0.0.2:8080"));
        writer.Write(Connection(IpProtocol.Udp, 299, "UDP", "198.51.100.7:5353", "192.0.2.10:53", "10.0.0.2:53"));
        writer.Write(Connection(IpProtocol.Tcp, 59, "ASSURED", "198.51.100.0:0", "10.1.1.1:443", "10.0.0.3:443"));
        writer.Write(Connection(IpProtocol.HopByHop, 300, "NONE", "198.51.100.7:0", "0.0.0.7:0", "10.0.0.3:0"));
        writer.Write(Connection(IpProtocol.Tcp, 7261, "FIN_WAIT", "[2001:db8::7]:40000", "[2001:db8::80]:80", "[2001:db8::a]:80"));
        output.ToString().ShouldBe(Lines(
            "IPVS connection entries|",
            "pro expire state       source             virtual            destination|",
            "TCP 14:59  ESTABLISHED 198.51.100.7:40000 192.0.2.10:80      10.0.0.2:8080|",
            "UDP 04:59  UDP         198.51.100.7:5353  192.0.2.10:53      10.0.0.2:53|",
            "TCP 00:59  ASSURED     198.51.100.0:0     10.1.1.1:443       10.0.0.3:443|",
            "IP  05:00  NONE        198.51.100.7:0     0.0.0.7:0          10.0.0.3:0|",
            "TCP 121:01 FIN_WAIT    [2001:db8::7]:40000 [2001:db8::80]:80  [2001:db8::a]:80|"));
    }

    [Fact]
    public void ConnectionsWithEngine_Sample_IsPrintedToTheByte()
    {
        using var output = new StringWriter();
        var options = new ListingOptions { IsNumeric = true, Layout = ListingLayout.PersistentConnections };
        var writer = new ConnectionListingWriter(output, options, NoNames.Instance);
        writer.Write(Connection(IpProtocol.Udp, 99, "NONE", "198.51.100.7:0", "192.0.2.11:5060", "10.0.0.3:5060", "sip", "a84b4c76e66710@pc33"));
        output.ToString().ShouldBe(Lines(
            "IPVS connection entries|",
            "pro expire state       source             virtual            destination        pe name          pe_data|",
            "UDP 01:39  NONE        198.51.100.7:0     192.0.2.11:5060    10.0.0.3:5060    sip                a84b4c76e66710@pc33|"));
    }
}
