using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using NetVS.Health.Checks;
using NetVS.Health.Probes;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using static NetVS.Health.Tests.Probes.Peers;

namespace NetVS.Health.Tests.Probes;

/// <summary>HTTP_GET and SSL_GET with http_protocol 2: what servers are asked, in which protocol, and what is made of their answers.</summary>
public sealed class Http2Tests : IDisposable
{
    private const string Nginx = "/usr/sbin/nginx";
    private const string Agent = "User-Agent: KeepAliveClient";
    private static readonly HttpCheck s_plain = new() { Version = "2", Pages = [new HttpPage { Path = "/" }] };
    private static readonly HttpCheck s_secure = s_plain with { IsSsl = true };
    private readonly X509Certificate2 _certificate = MakeCertificate("www.example.org");

    public void Dispose() => _certificate.Dispose();

    private static Task<ProbeResult> Ask(EndPoint server, HttpCheck check, double patience = 20, X509Certificate2? shown = null, TlsVerification? verification = null) =>
        new HttpProbe(At(server, patience, check.Options), check, null, null, shown, verification).AskAsync(0, Cancellation).AsTask();

    private static RequestDelegate Answer(string text, int status = 200) => async context =>
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(text, Cancellation);
    };

    private Task<WebPeer> Serve(bool isSsl, RequestDelegate answer, HttpProtocols? protocols = null) =>
        WebPeer.StartAsync(protocols ?? (isSsl ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http2), isSsl ? _certificate : null, answer);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_IsThatOfTheConfiguration_AndNothingElse(bool isSsl)
    {
        await using WebPeer server = await Serve(isSsl, Answer("hello"));
        HttpCheck check = (isSsl ? s_secure : s_plain) with
        {
            VirtualHost = "www.example.org", SendsServerName = isSsl, Options = new CheckOptions { BindAddress = IpAddress.Parse("127.0.0.77") },
            Pages = [new HttpPage { Path = "/a/../b%41//c?d=%20e&f=|" }],
        };
        (await Ask(server.EndPoint, check)).ShouldBe(ProbeResult.Success);
        (await Ask(server.EndPoint, check with { VirtualHost = null })).ShouldBe(ProbeResult.Success);
        server.Requests.ShouldBe([
            new("HTTP/2", isSsl ? "h2" : "", isSsl ? "https" : "http", "www.example.org", "/a/../b%41//c?d=%20e&f=|", $"Host: www.example.org|{Agent}", null, "127.0.0.77"),
            new("HTTP/2", isSsl ? "h2" : "", isSsl ? "https" : "http", $"{server.EndPoint}", "/a/../b%41//c?d=%20e&f=|", $"Host: {server.EndPoint}|{Agent}", null, "127.0.0.77"),
        ]);
    }

    [Fact]
    public async Task ServerWithoutHttp2_IsAskedInHttp1()
    {
        await using WebPeer server = await Serve(true, Answer("sorry", 503), HttpProtocols.Http1);
        (await Ask(server.EndPoint, s_secure)).ShouldBe(ProbeResult.Failure("HTTP/1.1: status 503 for /"));
        server.Requests.Single().ShouldSatisfyAllConditions(r => r.Protocol.ShouldBe("HTTP/1.1"), r => r.Headers.ShouldBe($"Connection: close|Host: {server.EndPoint}|{Agent}"));
    }

    [Fact]
    public async Task ServerThatAgreesOnNothing_GetsTheOctetsOfHttp1()
    {
        using Socket listener = Listen();
        Task<string> server = ServeAsync(listener, Say("HTTP/1.1 200 OK\r\n\r\n"), _certificate);
        (await Ask(listener.LocalEndPoint!, s_secure with { VirtualHost = "www.example.org" })).ShouldBe(ProbeResult.Success);
        (await server).ShouldBe("GET / HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www.example.org\r\n\r\n");
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.1")]
    public async Task OlderProtocols_AreNotOffered(string version)
    {
        await using WebPeer server = await Serve(true, Answer("hello"));
        (await Ask(server.EndPoint, s_secure with { Version = version })).ShouldBe(ProbeResult.Success);
        server.Requests.Single().ShouldSatisfyAllConditions(r => r.Protocol.ShouldBe($"HTTP/{version}"), r => r.Agreed.ShouldBeEmpty());
    }

    [Fact]
    public async Task PlainServerWithoutHttp2_Fails()
    {
        await using WebPeer server = await Serve(false, Answer("hello"), HttpProtocols.Http1);
        (await Ask(server.EndPoint, s_plain)).ShouldBe(ProbeResult.Failure("HTTP/2: The HTTP/2 server closed the connection. HTTP/2 error code 'HTTP_1_1_REQUIRED' (0xd)."));
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_IsJudged(bool isSsl)
    {
        await using WebPeer server = await Serve(isSsl, Answer("hello"));
        await using WebPeer sorry = await Serve(isSsl, Answer("moved", 301));
        async Task<string> Of(WebPeer peer, HttpPage page) => (await Ask(peer.EndPoint, (isSsl ? s_secure : s_plain) with { Pages = [page with { Path = "/" }] })).Detail;
        (await Of(sorry, new HttpPage())).ShouldBe("HTTP/2: status 301 for /");
        (await Of(sorry, new HttpPage { StatusCodes = [new StatusRange(300, 399)] })).ShouldBeEmpty();
        (await Of(server, new HttpPage { Digest = "5d41402abc4b2a76b9719d911017c592" })).ShouldBeEmpty();
        (await Of(sorry, new HttpPage { StatusCodes = [new StatusRange(301, 301)], Digest = "5d41402abc4b2a76b9719d911017c592" })).ShouldStartWith("HTTP/2: the digest of / is ");
        (await Of(server, new HttpPage { Pattern = "L+O$", PatternOptions = ["caseless"] })).ShouldBeEmpty();
        (await Of(server, new HttpPage { Pattern = "bye" })).ShouldBe("HTTP/2: /: the body does not match the regular expression");
    }

    [Fact]
    public async Task LongAnswer_IsReadToItsLimit_AndIsTooLongOnlyForWhatIsCompared()
    {
        byte[] mebibyte = new byte[1 << 20];
        await using WebPeer server = await Serve(false, async context =>
        {
            for (int i = 0; i < 17; i++) await context.Response.Body.WriteAsync(mebibyte, Cancellation);
        });
        (await Ask(server.EndPoint, s_plain)).ShouldBe(ProbeResult.Success);
        (await Ask(server.EndPoint, s_plain with { Pages = [new HttpPage { Path = "/", Digest = new string('0', 32) }] })).ShouldBe(ProbeResult.Failure("HTTP/2: the answer is longer than 16 MiB"));
    }

    [Theory]
    [InlineData("www.example.org", true, "")]
    [InlineData("www.example.net", true, "TLS: the certificate is not for www.example.net")]
    [InlineData("www.example.org", false, "TLS: the certificate is not trusted: ")]
    public async Task Certificates_AreVerifiedAndShown(string name, bool isTrusted, string problem)
    {
        await using WebPeer server = await Serve(true, Answer("hello"));
        using X509Certificate2 shown = MakeCertificate("me.example.org"), other = MakeCertificate("www.example.org");
        HttpCheck check = s_secure with { VerifiesCertificate = true, CertificateName = name };
        ProbeResult result = await Ask(server.EndPoint, check, shown: shown, verification: new TlsVerification([isTrusted ? _certificate : other]));
        result.Detail.ShouldStartWith(problem);
        server.Requests.Select(r => r.ClientCertificate).ShouldBe(problem.Length == 0 ? ["CN=me.example.org"] : [], "who is not who he should be is asked nothing");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task ServerThatDoesNotEnd_Fails(bool isSsl, bool begins)
    {
        await using WebPeer server = await Serve(isSsl, async context =>
        {
            if (begins) await context.Response.WriteAsync("hello", Cancellation);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });

        // TLS needs its part of the one deadline.
        (await Ask(server.EndPoint, isSsl ? s_secure : s_plain, isSsl ? 1 : 0.3)).ShouldBe(ProbeResult.Failure("timed out while talking"));
    }

    [Fact]
    public async Task DripOfOctets_EndsToo()
    {
        await using WebPeer server = await Serve(false, async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("x", Cancellation);
                await context.Response.Body.FlushAsync(Cancellation);
                await Task.Delay(10, Cancellation);
            }
        });
        (await Ask(server.EndPoint, s_plain, 0.1)).Outcome.ShouldBe(ProbeOutcome.Failure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancellation_EndsTheAttempt_AndItsConnection(bool isSsl)
    {
        var asked = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        await using WebPeer server = await Serve(isSsl, async context =>
        {
            await context.Response.WriteAsync("hello", Cancellation);
            await context.Response.Body.FlushAsync(Cancellation);
            context.RequestAborted.Register(() => gone.SetResult());
            asked.SetResult();
            await gone.Task;
        });
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        HttpCheck check = isSsl ? s_secure : s_plain;
        Task<ProbeResult> asking = new HttpProbe(At(server.EndPoint, 600), check, null, null, null).AskAsync(0, cancellation.Token).AsTask();
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asking.WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
    }

    [Theory]
    [InlineData("path index.html", "", "http_protocol 2: the path 'index.html' does not begin with /")]
    [InlineData("path /\u00e9", "", "http_protocol 2: the path '/\u00e9' does not begin with /")]
    [InlineData("path /", "virtualhost a/b", "http_protocol 2: the virtualhost 'a/b' is no host")]
    [InlineData("path /", "virtualhost me@www.example.org", "http_protocol 2: the virtualhost 'me@www.example.org' is no host")]
    [InlineData("path /", "virtualhost www.example.org:8080", null)]
    [InlineData("path /a?b=|", "", null)]
    public void Configuration_ThatHttp2CannotAskFor_IsRefused(string page, string real, string? problem)
    {
        IReadOnlyList<string> Find(string version)
        {
            using var rig = new HealthRig();
            return [.. rig.Load($"virtual_server 192.0.2.1 443 {{\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n real_server 10.0.0.1 443 {{\n {real}\n SSL_GET {{\n url {{\n {page}\n }}\n http_protocol {version}\n }}\n }}\n}}\n").Problems.Select(p => p.Message)];
        }

        Find("1.1").ShouldBeEmpty();
        if (problem is null) Find("2").ShouldBeEmpty();
        else Find("2").Single().ShouldStartWith(problem);
    }

    [Fact]
    public void OtherProtocol_IsAnotherCheck() => CheckIdentity.Of(s_secure).ShouldNotBe(CheckIdentity.Of(s_secure with { Version = "1.1" }));

    [Fact]
    public async Task Nginx_IsAskedInHttp2()
    {
        Assert.SkipUnless(File.Exists(Nginx), "nginx is not installed");
        string folder = Directory.CreateTempSubdirectory("netvs-http2-").FullName;
        try
        {
            await File.WriteAllTextAsync($"{folder}/cert.pem", _certificate.ExportCertificatePem(), Cancellation);
            await File.WriteAllTextAsync($"{folder}/key.pem", _certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Cancellation);
            (IPEndPoint secure, IPEndPoint plain) = (FreePort(), FreePort());
            string temporary = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(n => $"{n}_temp_path {folder}/{n};\n"));
            await File.WriteAllTextAsync($"{folder}/nginx.conf", $$"""
                daemon off; master_process off; user root; pid {{folder}}/pid; error_log stderr error; events { }
                http {
                    access_log off; {{temporary}}
                    ssl_certificate cert.pem; ssl_certificate_key key.pem;
                    server {
                        listen {{secure}} ssl http2; listen {{plain}} http2;
                        location / { return 200 "$server_protocol $scheme $host $request_uri $http_user_agent\n"; }
                    }
                }
                """, Cancellation);
            using Process nginx = Process.Start(Nginx, ["-p", folder, "-c", $"{folder}/nginx.conf", "-e", "stderr"]);
            try
            {
                await Task.WhenAll(ListensAsync(secure), ListensAsync(plain));
                HttpCheck Expecting(HttpCheck check, string scheme) => check with
                {
                    VirtualHost = "www.example.org", Pages = [new HttpPage { Path = "/a?b", Pattern = $"^HTTP/2.0 {scheme} www\\.example\\.org /a\\?b KeepAliveClient\n$" }],
                };
                (await Ask(secure, Expecting(s_secure, "https"))).ShouldBe(ProbeResult.Success);
                (await Ask(plain, Expecting(s_plain, "http"))).ShouldBe(ProbeResult.Success);
            }
            finally
            {
                nginx.Kill();
                await nginx.WaitForExitAsync(Cancellation);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IPEndPoint FreePort()
    {
        using Socket socket = Listen();
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private static async Task ListensAsync(IPEndPoint server)
    {
        for (int attempt = 0; (await new TcpProbe(At(server)).AskAsync(0, Cancellation)).Outcome != ProbeOutcome.Success; attempt++)
        {
            attempt.ShouldBeLessThan(600, string.Create(CultureInfo.InvariantCulture, $"nginx listens at {server}"));
            await Task.Delay(50, Cancellation);
        }
    }
}
