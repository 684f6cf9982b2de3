using System.Security.Cryptography.X509Certificates;
using System.Text;
using NetVS.Health.Checks;
using NetVS.Health.Probes;
using NetVS.Keepalived.Model;
using NetVS.Testing.Randomness;
using static NetVS.Health.Tests.Probes.FramePeer;
using static NetVS.Health.Tests.Probes.Peers;

namespace NetVS.Health.Tests.Probes;

/// <summary>Servers that break HTTP/2: each attempt ends soon, with a sentence, and with its connection.</summary>
public sealed class Http2HostileTests
{
    private const string Digest = "5d41402abc4b2a76b9719d911017c592";

    // HPACK (RFC 7541): 0x88 is ":status: 200"; then a field of 102 octets that is kept nowhere.
    private static readonly byte[] s_settings = Frame(Settings, 0, 0), s_field = [0, 1, (byte)'x', 100, .. Enumerable.Repeat((byte)'y', 100)];
    private static readonly byte[] s_header = Frame(Headers, EndHeaders, 1, 0x88);
    private static readonly byte[] s_hello = Frame(Data, 0, 1, [.. "hello"u8]), s_end = Frame(Data, EndStream, 1);
    private static readonly byte[] s_fields = [.. Enumerable.Repeat(s_field, 100).SelectMany(f => f)];

    private static readonly Dictionary<string, (byte[] First, byte[][] Then, bool IsEndless)> s_answers = new()
    {
        ["well"] = (s_settings, [s_header, s_hello, s_end], false),
        ["closes at once"] = ([], [], false),
        ["closes after its settings"] = (s_settings, [], false),
        ["closes in the body"] = (s_settings, [s_header, s_hello], false),
        ["closes in a frame"] = (s_settings, [s_header, s_hello[..12]], false),
        ["garbage"] = (Enumerable.Repeat((byte)0xFF, 40).ToArray(), [], false),
        ["HTTP/1"] = (Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n"), [], false),
        ["no settings"] = ([], [s_header, s_hello, s_end], false),
        ["goes away"] = (s_settings, [Frame(GoAway, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)], false),
        ["goes away in the body"] = (s_settings, [s_header, s_hello, Frame(GoAway, 0, 0, 0, 0, 0, 1, 0, 0, 0, 11)], false),
        ["refuses"] = (s_settings, [Frame(Reset, 0, 1, 0, 0, 0, 7)], false),
        ["resets"] = (s_settings, [Frame(Reset, 0, 1, 0, 0, 0, 2)], false),
        ["resets in the body"] = (s_settings, [s_header, s_hello, Frame(Reset, 0, 1, 0, 0, 0, 8)], false),
        ["pushes"] = (s_settings, [Frame(Push, EndHeaders, 1, 0, 0, 0, 2, 0x82, 0x86)], false),
        ["another stream"] = (s_settings, [Frame(Headers, EndHeaders, 9, 0x88)], false),
        ["bad header"] = (s_settings, [Frame(Headers, EndHeaders, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)], false),
        ["no status"] = (s_settings, [Frame(Headers, EndHeaders | EndStream, 1, s_field)], false),
        ["endless header"] = (s_settings, [Frame(Headers, 0, 1, 0x88), Frame(Continuation, 0, 1, s_fields)], true),
        ["endless continuations"] = (s_settings, [Frame(Headers, 0, 1, 0x88), Frame(Continuation, 0, 1)], true),
        ["endless body"] = (s_settings, [s_header, Frame(Data, 0, 1, new byte[16 << 10])], true),
        ["flood of empty data"] = (s_settings, [s_header, Frame(Data, 0, 1)], true),
        ["flood of pings"] = (s_settings, [Many(Frame(Ping, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8))], true),
        ["flood of settings"] = (s_settings, [Many(s_settings)], true),
        ["flood of early answers"] = (s_settings, [Many(Frame(Headers, EndHeaders, 1, 8, 3, (byte)'1', (byte)'0', (byte)'3'))], true),
    };

    private static byte[] Many(byte[] frame) => [.. Enumerable.Repeat(frame, 100).SelectMany(f => f)];

    private static async Task<string> AskAsync(FramePeer server, double patience, bool isSsl = false)
    {
        var check = new HttpCheck { Version = "2", IsSsl = isSsl, Pages = [new HttpPage { Path = "/", Digest = Digest }] };
        string detail = (await new HttpProbe(At(server.EndPoint, patience), check, null, null, null).AskAsync(0, Cancellation)).Detail;
        await server.EndAsync();
        return detail;
    }

    [Theory]
    [InlineData("well", "")]
    [InlineData("closes at once", "HTTP/2: it closed the connection before its answer ended")]
    [InlineData("closes after its settings", "HTTP/2: it closed the connection before its answer ended")]
    [InlineData("closes in the body", "HTTP/2: it closed the connection before its answer ended")]
    [InlineData("closes in a frame", "HTTP/2: it closed the connection before its answer ended")]
    [InlineData("garbage", "HTTP/2: ")]
    [InlineData("HTTP/1", "HTTP/2: it answers in HTTP/1")]
    [InlineData("no settings", "HTTP/2: The HTTP/2 server sent invalid data on the connection. HTTP/2 error code 'PROTOCOL_ERROR' (0x1).")]
    [InlineData("goes away", "HTTP/2: it takes no request: GOAWAY or REFUSED_STREAM")]
    [InlineData("goes away in the body", "HTTP/2: The HTTP/2 server closed the connection. HTTP/2 error code 'ENHANCE_YOUR_CALM' (0xb).")]
    [InlineData("refuses", "HTTP/2: it takes no request: GOAWAY or REFUSED_STREAM")]
    [InlineData("resets", "HTTP/2: The HTTP/2 server reset the stream. HTTP/2 error code 'INTERNAL_ERROR' (0x2).")]
    [InlineData("resets in the body", "HTTP/2: The HTTP/2 server reset the stream. HTTP/2 error code 'CANCEL' (0x8).")]
    [InlineData("pushes", "HTTP/2: The HTTP/2 server sent invalid data on the connection. HTTP/2 error code 'PROTOCOL_ERROR' (0x1).")]
    [InlineData("another stream", "HTTP/2: The HTTP/2 server sent invalid data on the connection. HTTP/2 error code 'PROTOCOL_ERROR' (0x1).")]
    [InlineData("bad header", "HTTP/2: ")]
    [InlineData("no status", "HTTP/2: ")]
    [InlineData("endless header", "HTTP/2: the header does not end")]
    [InlineData("endless continuations", "HTTP/2: more than 128 KiB of headers and control frames")]
    [InlineData("endless body", "HTTP/2: ")]
    [InlineData("flood of empty data", "HTTP/2: more than 128 KiB of headers and control frames")]
    [InlineData("flood of pings", "HTTP/2: ")]
    [InlineData("flood of settings", "HTTP/2: ")]
    [InlineData("flood of early answers", "HTTP/2: the header does not end")]
    public async Task Answer_ThatIsBroken_IsAFailureInAShortSentence(string name, string problem)
    {
        (byte[] first, byte[][] then, bool isEndless) = s_answers[name];
        using var server = new FramePeer(first, then, isEndless);
        string detail = await AskAsync(server, 30);

        // Where two limits race, or how far the framework came when it noticed, the sentences differ.
        if (problem == "HTTP/2: ") detail.ShouldStartWith(problem);
        else detail.ShouldBe(problem);
        detail.Length.ShouldBeLessThan(140);
    }

    [Theory]
    [InlineData("well", "")]
    [InlineData("endless continuations", "HTTP/2: more than 128 KiB of headers and control frames")]
    [InlineData("endless header", "HTTP/2: the header does not end")]
    public async Task OverTls_TheSame(string name, string problem)
    {
        using X509Certificate2 certificate = MakeCertificate("www.example.org");
        (byte[] first, byte[][] then, bool isEndless) = s_answers[name];
        using var server = new FramePeer(first, then, isEndless, certificate);
        (await AskAsync(server, 30, isSsl: true)).ShouldBe(problem);
    }

    [Theory]
    [InlineData("closes at once")]
    [InlineData("closes after its settings")]
    [InlineData("closes in the body")]
    [InlineData("closes in a frame")]
    public async Task Server_ThatFallsSilent_TimesOut(string name)
    {
        using var server = new FramePeer(s_answers[name].First, s_answers[name].Then, isOpen: true);
        (await AskAsync(server, 0.2)).ShouldBe("timed out while talking");
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void Answer_OfAnyOctets_IsJudged() => Seeds.Run(150, (random, _) =>
    {
        byte[][] answers = [.. s_answers.Values.Where(a => !a.IsEndless && a.Then.Length > 0).Select(a => a.Then.SelectMany(o => o).ToArray())];
        byte[] answer = Mutator.Mutate(random, answers, tokens: [s_header, s_hello, s_end, s_settings, s_field, [0xFF, 0xFF, 0xFF]]);
        using var server = new FramePeer(s_settings, [answer]);
        string detail = AskAsync(server, 30).GetAwaiter().GetResult();
        detail.ShouldNotContain(c => char.IsControl(c), Convert.ToHexString(answer));
        detail.Length.ShouldBeLessThan(200);
    });
}
