using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using NetVS.Testing.Randomness;

namespace NetVS.Tests.Api;

/// <summary>Mutated bodies and paths, through the whole server: each is taken or refused as documented, none is a fault of the server's.</summary>
[Trait("Kind", "Fuzz")]
public sealed class BodyFuzzTests
{
    // Where a request belongs ("*" stands for a service, "@" for a real server), and bodies that are right there. What opens sockets or ends the daemon is left out.
    private static readonly (string Method, string Path, byte[][] Bodies)[] s_requests =
    [
        ("POST", "v1/services", Octets("""{"service":"tcp:192.0.2.10:80","scheduler":"sh","flags":["sh-port"],"persistence":50,"netmask":"255.255.0.0"}""",
            """{"service":"fwm6:7","persistence":1,"netmask":"64","options":{"slow-start":"30","max-per-client":"4"}}""", """{"service":"udp:[2001:db8::1]:53","one_packet":true,"persistence_engine":"sip"}""")),
        ("PUT", "v1/services/*", Octets("""{"service":"tcp:192.0.2.10:80","scheduler":"mh","flags":["mh-port","mh-fallback"],"options":{"reset":"yes"}}""")),
        ("POST", "v1/services/*/destinations", Octets("""{"real":"10.0.0.1:8080","method":"nat","weight":2,"upper_threshold":7,"lower_threshold":3}""",
            """{"real":"10.0.0.2:80","method":"tun","tunnel":{"type":"gue","port":6080,"checksum":"remote"}}""")),
        ("PUT", "v1/services/*/destinations/@", Octets("""{"real":"10.0.0.1:8080","method":"fullnat","weight":-5}""")),
        ("PUT", "v1/services/*/destinations/@/override", Octets("""{"drain":true,"deadline_seconds":5,"release_persistence":true}""", """{"weight":3}""")),
        ("POST", "v1/services/*/local-addresses", Octets("""{"address":"10.0.0.200"}""")),
        ("POST", "v1/marks", Octets("""{"rule":"tcp 192.0.2.0/24 80-90 7","position":1}""")),
        ("PUT", "v1/marks", Octets("""{"marks":["udp 2001:db8::/32 53 7"]}""")),
        ("PUT", "v1/timeouts", Octets("""{"tcp":900,"tcp_fin":120,"udp":300}""")),
        ("PUT", "v1/settings/sync_threshold", Octets("""{"value":"3 50"}""")),
        ("PUT", "v1/settings/ftp_ports", Octets("""{"value":"21 2121"}""")),
        ("POST", "v1/plan", Octets("""{"text":"-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m\n","file":"rules"}""")),
        ("GET", "v1/services/*", [[]]), ("DELETE", "v1/services/*", [[]]), ("DELETE", "v1/services/*/destinations/@", [[]]), ("GET", "v1/connections?limit=5&cursor=*", [[]]),
    ];

    private static readonly byte[][] s_words = Octets("null", "\"", "{", "}", "[", "]", ",", ":", "-1", "1e400", "18446744073709551616", "true", "\\u0000", "\\ud800", "\u00ff", "[2001:db8::1]");
    private static readonly byte[][] s_keys = Octets("tcp:192.0.2.10:80", "udp:[2001:db8::1]:53", "fwm:7", "fwm6:7", "sctp:192.0.2.10:0");
    private static readonly byte[][] s_reals = Octets("10.0.0.1:8080", "[2001:db8::2]:53", "10.0.0.1:0");

    [Fact]
    public async Task Requests_ThatAreMutated_AreTakenOrRefused()
    {
        await using TestDaemon daemon = await TestDaemon.StartAsync("site.rules");
        using HttpClient http = daemon.CreateHttp();
        await Task.Run(() => Seeds.Run(500, (random, _) => SendAsync(http, daemon, random).GetAwaiter().GetResult()), TestContext.Current.CancellationToken);
    }

    private static async Task SendAsync(HttpClient http, TestDaemon daemon, Random random)
    {
        (string method, string path, byte[][] bodies) = s_requests[random.Next(s_requests.Length)];
        path = path.Replace("*", Word(random, s_keys), StringComparison.Ordinal).Replace("@", Word(random, s_reals), StringComparison.Ordinal);
        byte[] body = Mutator.Mutate(random, bodies, 4, s_words);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body.Length > 0) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        string answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string sent = $"{method} {path}\n{Convert.ToHexString(body)}\n{Encoding.Latin1.GetString(body)}\n{(int)response.StatusCode} {answer}";
        (response.StatusCode < HttpStatusCode.InternalServerError || response.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.InsufficientStorage).ShouldBeTrue(sent);
        if (answer.Length > 0) Should.NotThrow(() => JsonDocument.Parse(answer).Dispose(), sent);

        // A long run is not to fill the tables, nor the log.
        if (random.Next(200) > 0) return;
        daemon.Control.Flush();
        daemon.Log.Clear();
    }

    // Mostly whole, for else nothing behind the path would be tried.
    private static string Word(Random random, byte[][] words) =>
        Uri.EscapeDataString(Encoding.Latin1.GetString(random.Next(5) == 0 ? Mutator.Mutate(random, words, 3) : words[random.Next(words.Length)]));

    private static byte[][] Octets(params string[] texts) => [.. texts.Select(Encoding.Latin1.GetBytes)];
}
