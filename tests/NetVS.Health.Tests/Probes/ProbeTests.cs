using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NetVS.Health.Checks;
using NetVS.Health.Probes;
using NetVS.Scripts;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using static NetVS.Health.Tests.Probes.Peers;

namespace NetVS.Health.Tests.Probes;

/// <summary>What probes say to servers and make of their answers, over the loopback device.</summary>
public sealed class ProbeTests
{
    private static async Task<(ProbeResult Result, string Heard)> Fetch(HttpCheck check, string answer, string? realHost = null)
    {
        using Socket listener = Listen();
        Task<string> server = ServeAsync(listener, Say(answer));
        ProbeResult result = await new HttpProbe(At(listener.LocalEndPoint!), check, realHost, null, null).AskAsync(0, Cancellation);
        return (result, await server);
    }

    private static HttpCheck Page(HttpPage page) => new() { Pages = [page] };

    [Fact]
    public async Task Tcp_Open_Closed_AndSilent()
    {
        using Socket listener = Listen();
        (await new TcpProbe(At(listener.LocalEndPoint!)).AskAsync(0, Cancellation)).ShouldBe(ProbeResult.Success);
        using Socket v6 = Listen(IPAddress.IPv6Loopback);
        (await new TcpProbe(At(v6.LocalEndPoint!)).AskAsync(0, Cancellation)).ShouldBe(ProbeResult.Success);
        EndPoint gone = listener.LocalEndPoint!;
        listener.Dispose();
        (await new TcpProbe(At(gone)).AskAsync(0, Cancellation)).ShouldBe(ProbeResult.Failure("connection refused"));
    }

    [Fact]
    public async Task Tcp_WithoutItsSourceAddress_IsALocalProblem()
    {
        using Socket listener = Listen();
        ProbeResult result = await new TcpProbe(At(listener.LocalEndPoint!, options: new CheckOptions { BindAddress = IpAddress.Parse("192.0.2.77") })).AskAsync(0, Cancellation);
        result.ShouldBe(ProbeResult.LocalProblem("the source address is not there (bindto)"));
    }

    [Fact]
    public async Task Tcp_FromASourceAddress_ComesFromThere()
    {
        using Socket listener = Listen();
        Task<Socket> accepting = listener.AcceptAsync(Cancellation).AsTask();
        var options = new CheckOptions { BindAddress = IpAddress.Parse("127.0.0.77") };
        (await new TcpProbe(At(listener.LocalEndPoint!, options: options)).AskAsync(0, Cancellation)).ShouldBe(ProbeResult.Success);
        using Socket accepted = await accepting;
        ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString().ShouldBe("127.0.0.77");
    }

    [Fact]
    public async Task Http_Request_IsThatOfTheReference()
    {
        (ProbeResult result, string heard) = await Fetch(Page(new HttpPage { Path = "/a?b=c" }) with { Version = "1.1" }, "HTTP/1.1 204 No Content\r\n\r\n", "www.example.org");
        result.ShouldBe(ProbeResult.Success);
        heard.ShouldBe("GET /a?b=c HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www.example.org\r\n\r\n");
        (await Fetch(Page(new HttpPage { Path = "/" }), "HTTP/1.0 200 OK\r\n\r\n")).Heard.ShouldMatch("^GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 127.0.0.1:[0-9]+\r\n\r\n$");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "")]
    [InlineData("HTTP/1.1 503 Busy\r\n\r\n", "status 503 for /")]
    [InlineData("HTTP/1.1 200\r\n\r\n", "no status code in 'HTTP/1.1 200'")]
    [InlineData("HTTP/1.1 200 OK\r\n", "it closed the connection before its header ended")]
    [InlineData("", "it closed the connection before its header ended")]
    public async Task Http_Status_IsCompared(string answer, string problem) =>
        (await Fetch(Page(new HttpPage { Path = "/" }), answer)).Result.Detail.ShouldBe(problem);

    [Fact]
    public async Task Http_StatusCodes_OfThePage_Count() =>
        (await Fetch(Page(new HttpPage { Path = "/", StatusCodes = [new StatusRange(300, 399)] }), "HTTP/1.1 301 Moved\r\n\r\n")).Result.ShouldBe(ProbeResult.Success);

    [Fact]
    public async Task Http_Digest_IsOfTheBodyUpToItsLength()
    {
        const string digest = "5d41402abc4b2a76b9719d911017c592";
        (await Fetch(Page(new HttpPage { Path = "/", Digest = digest }), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more")).Result.ShouldBe(ProbeResult.Success);
        (await Fetch(Page(new HttpPage { Path = "/", Digest = digest }), "HTTP/1.1 200 OK\r\n\r\nhello2")).Result.Detail.ShouldStartWith("the digest of / is ");
    }

    [Fact]
    public async Task Http_Pattern_IsSearched_WithItsOptionsAndOffsets()
    {
        var page = new HttpPage { Path = "/", Pattern = "OK$", PatternOptions = ["caseless", "multiline"] };
        (await Fetch(Page(page), "HTTP/1.1 200 OK\r\n\r\nall\nok\n")).Result.ShouldBe(ProbeResult.Success);
        (await Fetch(Page(page with { PatternMaxOffset = 4 }), "HTTP/1.1 200 OK\r\n\r\nall\nok\n")).Result.Outcome.ShouldBe(ProbeOutcome.Failure);
        (await Fetch(Page(page with { PatternMinOffset = 5 }), "HTTP/1.1 200 OK\r\n\r\nall\nok\n")).Result.Outcome.ShouldBe(ProbeOutcome.Failure);
        (await Fetch(Page(page with { IsPatternNegated = true }), "HTTP/1.1 200 OK\r\n\r\nall\nok\n")).Result.Detail.ShouldContain("matches the regular expression");
        PagePattern.FindProblem(page with { PatternOptions = ["ungreedy"] }).ShouldNotBeNull().ShouldContain("ungreedy is not supported");
    }

    [Fact]
    public async Task Http_ServerThatDoesNotEnd_Fails()
    {
        using Socket listener = Listen();
        using var end = new CancellationTokenSource();
        Task<string> server = ServeAsync(listener, async stream =>
        {
            await Say("HTTP/1.1 200 OK\r\n\r\n")(stream);
            await Task.Delay(Timeout.Infinite, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        ProbeResult result = await new HttpProbe(At(listener.LocalEndPoint!, 0.2), Page(new HttpPage { Path = "/" }), null, null, null).AskAsync(0, Cancellation);
        result.ShouldBe(ProbeResult.Failure("timed out while talking"));
        await end.CancelAsync();
        await server;
    }

    [Fact]
    public async Task Http_DripOfOctets_EndsToo()
    {
        using Socket listener = Listen();
        Task<string> server = ServeAsync(listener, async stream =>
        {
            try
            {
                while (true)
                {
                    await Say("x")(stream);
                    await Task.Delay(10, Cancellation);
                }
            }
            catch (IOException)
            {
                // The probe has had enough.
            }
        });
        ProbeResult result = await new HttpProbe(At(listener.LocalEndPoint!, 0.05), Page(new HttpPage { Path = "/" }), null, null, null).AskAsync(0, Cancellation);
        result.Outcome.ShouldBe(ProbeOutcome.Failure);
        await server;
    }

    [Fact]
    public async Task Http_EndlessHeader_Fails() =>
        (await Fetch(Page(new HttpPage { Path = "/" }), "HTTP/1.1 200 OK\r\nX: " + new string('x', 200_000))).Result.Detail.ShouldBe("the header does not end");

    [Theory]
    [InlineData(true, "www.example.org")]
    [InlineData(false, "")]
    public async Task Ssl_TakesAnyCertificate_AndNamesTheServerWhenAsked(bool sendsName, string expected)
    {
        using X509Certificate2 certificate = MakeCertificate("nobody", days: -1);
        using Socket listener = Listen();
        string? named = null;
        Task<string> server = ServeAsync(listener, Say("HTTP/1.0 200 OK\r\n\r\n"), certificate, name => named = name);
        var check = new HttpCheck { IsSsl = true, SendsServerName = sendsName, VirtualHost = "www.example.org", Pages = [new HttpPage { Path = "/" }] };
        (await new HttpProbe(At(listener.LocalEndPoint!), check, null, null, null).AskAsync(0, Cancellation)).ShouldBe(ProbeResult.Success);
        await server;
        (named ?? "").ShouldBe(expected);
    }

    [Theory]
    [InlineData("220 hi\r\n250 ok\r\n221 bye\r\n", "")]
    [InlineData("220-hi\r\n220 there\r\n250 ok\r\n", "it answered its greeting with '220-hi', not 220")]
    [InlineData("220 hi\r\n250\r\n", "it answered HELO with '250', not 250")]
    [InlineData("554 no\r\n", "it answered its greeting with '554 no', not 220")]
    public async Task Smtp_Replies_AreThreeDigitsAndABlank(string says, string problem)
    {
        using Socket listener = Listen();
        Task server = Task.Run(async () =>
        {
            using Socket socket = await listener.AcceptAsync(Cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes(says), Cancellation);
            byte[] buffer = new byte[512];
            while (await socket.ReceiveAsync(buffer, Cancellation) > 0)
            {
            }
        }, Cancellation);
        ProbeResult result = await new SmtpProbe(At(listener.LocalEndPoint!), "me.example.org").AskAsync(0, Cancellation);
        result.Detail.ShouldBe(problem);
        await server.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task Udp_Silence_IsSuccess_AndARefusalIsNot()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (await new UdpProbe(At(socket.LocalEndPoint!, 0.2), new UdpCheck()).AskAsync(0, Cancellation)).ShouldBe(ProbeResult.Success);
        byte[] buffer = new byte[64];
        (await socket.ReceiveAsync(buffer, Cancellation)).ShouldBe(32);
        Encoding.ASCII.GetString(buffer, 0, 32).ShouldBe("keepalived check - keepalived ch");
        (await new UdpProbe(At(socket.LocalEndPoint!, 0.2), new UdpCheck { RequiresReply = true }).AskAsync(0, Cancellation)).Outcome.ShouldBe(ProbeOutcome.Failure);
        EndPoint gone = socket.LocalEndPoint!;
        socket.Dispose();
        (await new UdpProbe(At(gone), new UdpCheck()).AskAsync(0, Cancellation)).ShouldBe(ProbeResult.Failure("connection refused"));
    }

    [Fact]
    public void Udp_Reply_IsComparedUnderItsMask()
    {
        var probe = new UdpProbe(At(new IPEndPoint(IPAddress.Loopback, 1)), new UdpCheck { RequiresReply = true, Reply = [0x12, 0x30], ReplyMask = [0xFF, 0xF0], MinReplyLength = 2, MaxReplyLength = 3 });
        probe.Judge([0x12, 0x3F]).ShouldBe(ProbeResult.Success);
        probe.Judge([0x12, 0x4F]).Outcome.ShouldBe(ProbeOutcome.Failure);
        probe.Judge([0x12]).Outcome.ShouldBe(ProbeOutcome.Failure);
        probe.Judge([0x12, 0x30, 0, 0]).Outcome.ShouldBe(ProbeOutcome.Failure);
    }

    [Theory]
    [InlineData(0x80, 0x80, "")]
    [InlineData(0x80, 0x83, "RCODE 3 (NXDOMAIN)")]
    [InlineData(0x00, 0x00, "no answer in time")]
    public async Task Dns_Answer_IsJudgedByItsCode(byte flags, byte code, string problem)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        ValueTask<ProbeResult> asking = new DnsProbe(At(server.LocalEndPoint!, flags == 0 ? 0.2 : 5), new DnsCheck { Type = "MX", Question = "example.org." }).AskAsync(0, Cancellation);
        byte[] query = new byte[512];
        SocketReceiveFromResult received = await server.ReceiveFromAsync(query, new IPEndPoint(IPAddress.Any, 0), Cancellation);
        Convert.ToHexString(query, 2, received.ReceivedBytes - 2).ShouldBe("01000001000000000000" + "076578616D706C65036F726700" + "000F0001");
        query[2] = flags;
        query[3] = code;
        await server.SendToAsync(query.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, Cancellation);
        (await asking).Detail.ShouldBe(problem);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Ping_OfThisHost_IsAnswered(string address)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "raw sockets need root");
        (await new PingProbe(At(new IPEndPoint(IPAddress.Parse(address), 0))).AskAsync(0, Cancellation)).ShouldBe(ProbeResult.Success);
    }

    [Theory]
    [InlineData(0, true, ProbeOutcome.Success, 0L)]
    [InlineData(1, true, ProbeOutcome.Failure, null)]
    [InlineData(2, true, ProbeOutcome.Success, -5L)]
    [InlineData(255, true, ProbeOutcome.Success, 248L)]
    [InlineData(0, false, ProbeOutcome.Success, null)]
    [InlineData(2, false, ProbeOutcome.Failure, null)]
    public void Misc_Status_IsJudged(int status, bool isDynamic, object outcome, object? weight)
    {
        ProbeResult result = MiscProbe.Judge(new ScriptOutcome(status, false, ""), isDynamic, 5);
        result.Outcome.ShouldBe((ProbeOutcome)outcome);
        result.Weight.ShouldBe((long?)weight);
    }

    [Theory]
    [InlineData("12", 12)]
    [InlineData("-12\n", -12)]
    [InlineData("0x1F", 31)]
    [InlineData("010", 8)]
    [InlineData("rubbish", 0)]
    [InlineData("", 0)]
    [InlineData("99999999999999999999", 7)]
    [InlineData("4294967296", 7)]
    public void TrackedFile_HoldsOneInteger(string text, long expected)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            FileProbe.Read(file, 7).ShouldBe(expected);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(0, 0, false, ProbeOutcome.Success, null)]
    [InlineData(3, 0, false, ProbeOutcome.Failure, null)]
    [InlineData(3, 0, true, ProbeOutcome.Success, null)]
    [InlineData(3, 2, false, ProbeOutcome.Success, 6L)]
    [InlineData(3, 2, true, ProbeOutcome.Success, -6L)]
    [InlineData(int.MinValue, 1, false, ProbeOutcome.Failure, null)]
    public void TrackedFile_NumberIsJudged(long value, int weight, bool isReversed, object outcome, object? delta)
    {
        ProbeResult result = FileProbe.Judge(value, weight, isReversed);
        result.Outcome.ShouldBe((ProbeOutcome)outcome);
        result.Weight.ShouldBe((long?)delta);
    }
}
