using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NetVS.Health.Checks;
using NetVS.Health.Probes;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Health.Tests.Probes;

/// <summary>SSL_GET with netvs_tls_verify: whose certificates are good enough.</summary>
public sealed class TlsVerificationTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private readonly string _directory = Directory.CreateTempSubdirectory("netvs-tls-").FullName;

    public TlsVerificationTests()
    {
        var request = new CertificateRequest("CN=authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(1));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _key.Dispose();
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("www.example.org", 30, true, "")]
    [InlineData("*.example.org", 30, true, "")]
    [InlineData("127.0.0.1", 30, true, "the certificate is not for www.example.org")]
    [InlineData("www.example.org", -1, true, "the certificate expired at ")]
    [InlineData("www.example.org", 30, false, "the certificate is not trusted: ")]
    public async Task Certificate_IsVerified(string name, int days, bool isTrusted, string problem)
    {
        (string detail, bool wasAsked) = await AskAsync(name, days, new HttpCheck { IsSsl = true, VerifiesCertificate = true, VirtualHost = "www.example.org" }, isTrusted);
        if (problem.Length == 0) detail.ShouldBeEmpty();
        else detail.ShouldStartWith("TLS: " + problem);
        wasAsked.ShouldBe(problem.Length == 0, "who is not who he should be is asked nothing");
    }

    [Fact]
    public async Task Certificate_IsForTheAddress_WhereNoNameIsGiven_OrForTheNameThatIs()
    {
        var check = new HttpCheck { IsSsl = true, VerifiesCertificate = true };
        (await AskAsync("127.0.0.1", 30, check, isTrusted: true)).Detail.ShouldBeEmpty();
        (await AskAsync("www.example.org", 30, check, isTrusted: true)).Detail.ShouldBe("TLS: the certificate is not for 127.0.0.1");
        (await AskAsync("inside.example.org", 30, check with { VirtualHost = "www.example.org", CertificateName = "inside.example.org" }, isTrusted: true)).Detail.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("SSL {\n ca MISSING\n}", "SSL_GET", "SSL: the authorities in ")]
    [InlineData("SSL {\n ca EMPTY\n}", "SSL_GET", "SSL: the authorities in ")]
    [InlineData("SSL {\n ca GOOD\n}", "SSL_GET", null)]
    [InlineData("", "HTTP_GET", "netvs_tls_verify: HTTP_GET sees no certificate")]
    public void Configuration_ThatCannotBe_IsRefused(string ssl, string kind, string? problem)
    {
        File.WriteAllText(Path.Combine(_directory, "EMPTY"), "nothing here");
        File.WriteAllText(Path.Combine(_directory, "GOOD"), _authority.ExportCertificatePem());
        using var rig = new HealthRig();
        var problems = rig.Load(ssl.Replace("ca ", $"ca {_directory}/", StringComparison.Ordinal)
            + $"\nvirtual_server 192.0.2.1 443 {{\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n real_server 10.0.0.1 443 {{\n {kind} {{\n url {{\n path /\n }}\n netvs_tls_verify\n }}\n }}\n}}\n").Problems;
        if (problem is null) problems.ShouldBeEmpty();
        else problems.Single().Message.ShouldStartWith(problem);
    }

    private async Task<(string Detail, bool WasAsked)> AskAsync(string name, int days, HttpCheck check, bool isTrusted)
    {
        using X509Certificate2 certificate = Issue(name, days);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task<bool> serving = ServeAsync(listener, certificate);
        var endpoint = (IPEndPoint)listener.LocalEndPoint!;
        var target = new ProbeTarget(new CheckOptions(), new IpEndpoint(IpAddress.Parse("127.0.0.1"), (ushort)endpoint.Port), TimeSpan.FromSeconds(20));
        var verification = new TlsVerification(isTrusted ? [_authority] : null);
        ProbeResult result = await new HttpProbe(target, check with { Pages = [new HttpPage { Path = "/" }] }, null, null, null, verification).AskAsync(0, Cancellation);
        return (result.Detail, await serving);
    }

    private static async Task<bool> ServeAsync(Socket listener, X509Certificate2 certificate)
    {
        using Socket socket = await listener.AcceptAsync(Cancellation);
        await using var secure = new SslStream(new NetworkStream(socket));
        try
        {
            await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Cancellation);
            if (await secure.ReadAsync(new byte[4096], Cancellation) == 0) return false;
            await secure.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.0 200 OK\r\n\r\n"), Cancellation);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private X509Certificate2 Issue(string name, int days)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out IPAddress? address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset end = DateTimeOffset.UtcNow.AddDays(days);
        using X509Certificate2 issued = request.Create(_authority, end.AddDays(-60), end, [1, 2, 3, 4]);
        using X509Certificate2 whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
