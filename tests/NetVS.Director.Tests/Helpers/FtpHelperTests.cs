using System.Text;
using NetVS.Director.Helpers;
using NetVS.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Helpers;

public sealed class FtpHelperTests
{
    private static readonly HelperEnds s_v4 = new(
        new IpEndpoint(IpAddress.Parse("203.0.113.7"), 40000), new IpEndpoint(IpAddress.Parse("10.0.0.1"), 21), new IpEndpoint(IpAddress.Parse("192.168.1.10"), 2121));

    private static readonly HelperEnds s_v6 = new(
        new IpEndpoint(IpAddress.Parse("2001:db8::7"), 40000), new IpEndpoint(IpAddress.Parse("2001:db8::1"), 21), new IpEndpoint(IpAddress.Parse("fd00::10"), 21));

    [Theory]
    [InlineData("PORT 203,0,113,7,156,65\r\n", "server 40001 20 2120")]
    [InlineData("port  203,0,113,7,0,21\n", "server 21 20 2120")]
    [InlineData("PORT 203,0,113,7,0,0\r\n", "")]
    [InlineData("PORT 203,0,113,8,156,65\r\n", "refused")]
    [InlineData("PORT 203,0,113,7,256,65\r\n", "")]
    [InlineData("PORT 203,0,113,7,156\r\n", "")]
    [InlineData("PORT203,0,113,7,156,65\r\n", "")]
    [InlineData("EPRT |1|203.0.113.7|40001|\r\n", "server 40001 20 2120")]
    [InlineData("EPRT !1!203.0.113.7!40001!\r\n", "server 40001 20 2120")]
    [InlineData("EPRT |1|203.0.113.9|40001|\r\n", "refused")]
    [InlineData("EPRT |1|203.0.113.7|99999|\r\n", "")]
    [InlineData("EPRT |1|203.0.113.7|40001\r\n", "")]
    [InlineData("EPRT |2|2001:db8::7|40001|\r\n", "")]
    [InlineData("EPRT |1|x|40001|\r\n", "")]
    [InlineData("EPRT 11111\r\n", "")]
    [InlineData("EPRT\r\n", "")]
    [InlineData("\r\n", "")]
    public void Request_OverIpv4_OrdersExactlyThis(string line, string order) => OrderOf(s_v4, line).ShouldBe(order);

    [Theory]
    [InlineData("EPRT |2|2001:db8::7|40001|\r\n", "server 40001 20 20")]
    [InlineData("EPRT |2|2001:0DB8:0:0:0:0:0:7|40001|\r\n", "server 40001 20 20")]
    [InlineData("EPRT |2|2001:db8::8|40001|\r\n", "refused")]
    [InlineData("EPRT |1|203.0.113.7|40001|\r\n", "")]
    [InlineData("PORT 203,0,113,7,156,65\r\n", "")]
    public void Request_OverIpv6_OrdersExactlyThis(string line, string order) => OrderOf(s_v6, line).ShouldBe(order);

    [Theory]
    [InlineData("PASV\r\n", "227 Entering Passive Mode (192,168,1,10,156,65).\r\n", "client 40001 40001 27+19 '10,0,0,1,156,65'")]
    [InlineData("pasv\r\n", "227 192,168,1,10,156,65\r\n", "client 40001 40001 4+19 '10,0,0,1,156,65'")]
    [InlineData("PASV\r\n", "227 =192,168,1,10,0,9\r\n", "client 9 9 5+16 '10,0,0,1,0,9'")]
    [InlineData("PASV\r\n", "227 (192,168,1,10,156,6", "")]
    [InlineData("PASV\r\n", "227 (192,168,1,10,0,0)\r\n", "")]
    [InlineData("PASV\r\n", "227 (192,168,1,10,156)\r\n", "")]
    [InlineData("PASV\r\n", "227-(192,168,1,10,156,65)\r\n", "")]
    [InlineData("PASV\r\n", "227 none\r\n", "")]
    [InlineData("PASV\r\n", "229 (|||40001|)\r\n", "")]
    [InlineData("PASV x\r\n", "227 (192,168,1,10,156,65)\r\n", "")]
    [InlineData("PASVX\r\n", "227 (192,168,1,10,156,65)\r\n", "")]
    [InlineData("NOOP\r\n", "227 (192,168,1,10,156,65)\r\n", "")]
    [InlineData("EPSV\r\n", "229 Extended (|||40001|)\r\n", "client 40001 40001")]
    [InlineData("EPSV 1\r\n", "229 (|1|192.168.1.10|40001|)\r\n", "client 40001 40001 5+22 '|||40001|'")]
    [InlineData("EPSV 2\r\n", "229 (|||40001|)\r\n", "")]
    [InlineData("EPSV ALL\r\n", "229 (|||40001|)\r\n", "")]
    [InlineData("EPSV\r\n", "229 (|||70000|)\r\n", "")]
    [InlineData("EPSV\r\n", "229 (|||40001)\r\n", "")]
    [InlineData("EPSV\r\n", "229 (1114000111)\r\n", "")]
    [InlineData("EPSV\r\n", "229 40001\r\n", "")]
    public void Reply_AfterARequest_OrdersExactlyThis(string request, string reply, string order)
    {
        HelperSession session = default;
        OrderOf(s_v4, request, ref session, isReply: false);
        OrderOf(s_v4, reply, ref session, isReply: true).ShouldBe(order);
        OrderOf(s_v4, reply, ref session, isReply: true).ShouldBe(order, "the same when it is repeated");
        OrderOf(s_v4, "STAT\r\n", ref session, isReply: false).ShouldBeEmpty();
        OrderOf(s_v4, reply, ref session, isReply: true).ShouldBeEmpty("the client has asked for something else");
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void AnyText_IsRead_WithinItsBounds() => Seeds.Run(3000, (random, _) =>
    {
        byte[][] seeds = [.. new[] { "PORT 203,0,113,7,156,65\r\n", "EPRT |2|2001:db8::7|40001|\r\n", "PASV\r\n", "EPSV 1\r\n", "227 (192,168,1,10,156,65)\r\n", "229 (|1|192.168.1.10|40001|)\r\n" }.Select(Encoding.ASCII.GetBytes)];
        HelperSession session = default;
        for (int i = 0; i < 4; i++)
        {
            byte[] line = Mutator.Mutate(random, seeds, 3);
            HelperEnds ends = random.Next(2) == 0 ? s_v4 : s_v6;
            var order = new HelperOrder(new byte[HelperOrder.MostText]);
            if (random.Next(2) == 0) new FtpHelper().ReadRequest(ref session, in ends, line, ref order);
            else new FtpHelper().ReadReply(ref session, in ends, line, ref order);
            (order.ReplacedAt + order.ReplacedOctets).ShouldBeLessThanOrEqualTo(line.Length);
        }
    });

    private static string OrderOf(in HelperEnds ends, string line)
    {
        HelperSession session = default;
        return OrderOf(ends, line, ref session, isReply: false);
    }

    private static string OrderOf(in HelperEnds ends, string line, ref HelperSession session, bool isReply)
    {
        byte[] octets = Encoding.ASCII.GetBytes(line);
        var order = new HelperOrder(new byte[HelperOrder.MostText]);
        if (isReply) new FtpHelper().ReadReply(ref session, in ends, octets, ref order);
        else new FtpHelper().ReadRequest(ref session, in ends, octets, ref order);
        string text = order.Expected switch
        {
            ExpectationKind.FromClient => $"client {order.VirtualPort} {order.RealPort}",
            ExpectationKind.FromServer => $"server {order.ClientPort} {order.VirtualPort} {order.RealPort}",
            _ => order.IsRefused ? "refused" : "",
        };
        return order.ReplacedOctets == 0 ? text : $"{text} {order.ReplacedAt}+{order.ReplacedOctets} '{Encoding.ASCII.GetString(order.Text)}'";
    }
}
