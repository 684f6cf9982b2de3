using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NetVS.Health.Checks;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Probes;

/// <summary>HTTP_GET and SSL_GET: one page an attempt, fetched and compared (reference §6.4).</summary>
/// <remarks>
/// The answer is read until the server closes, at most <see cref="MostOctets"/>. Certificates are only verified where the configuration says so, which
/// keepalived cannot; transfer encodings of HTTP/1.1 are not decoded and redirects not followed. HTTP/2 is what TLS agrees on, or, without TLS, what is known
/// beforehand.
/// </remarks>
internal sealed class HttpProbe : StreamProbe
{
    /// <summary>The longest answer that is read.</summary>
    public const int MostOctets = 16 << 20;

    /// <summary>The part of a body that is searched by a regular expression.</summary>
    public const int MostSearched = 1 << 20;

    /// <summary>The longest header that is read.</summary>
    public const int MostHeader = 64 << 10;

    /// <summary>Who asks.</summary>
    public const string UserAgent = "KeepAliveClient";

    private const int BufferSize = 16 << 10;
    private readonly HttpCheck _check;
    private readonly string?[] _hosts;
    private readonly string? _serverName;
    private readonly PagePattern?[] _patterns;
    private readonly X509Certificate2? _certificate;
    private readonly TlsVerification? _verification;

    /// <summary>Prepares the requests.</summary>
    /// <param name="target">Whom.</param>
    /// <param name="check">The block of the configuration.</param>
    /// <param name="realHost">The real server's virtualhost.</param>
    /// <param name="virtualHost">The virtual server's virtualhost.</param>
    /// <param name="certificate">What this host shows in SSL checks; null for nothing.</param>
    /// <param name="verification">Verifies what the server shows; null for no verification.</param>
    public HttpProbe(ProbeTarget target, HttpCheck check, string? realHost, string? virtualHost, X509Certificate2? certificate, TlsVerification? verification = null)
        : base(target)
    {
        _check = check;
        _certificate = certificate;
        _verification = verification;
        _hosts = [.. check.Pages.Select(p => FindHost(check, p, realHost, virtualHost))];
        _serverName = check.VirtualHost ?? virtualHost;
        _patterns = [.. check.Pages.Select(p => p.Pattern is null ? null : PagePattern.Make(p))];
    }

    /// <summary>The name a page is asked for by: the page's virtualhost, else the check's, the real server's, the virtual server's; null for the address.</summary>
    public static string? FindHost(HttpCheck check, HttpPage page, string? realHost, string? virtualHost) => page.VirtualHost ?? check.VirtualHost ?? realHost ?? virtualHost;

    /// <inheritdoc/>
    protected internal override async Task<ProbeResult> TalkAsync(Stream stream, int step, ProbePatience patience)
    {
        if (!_check.IsSsl) return await FetchAsync(stream, _check.OffersHttp2, step, patience).ConfigureAwait(false);
        using var secure = new SslStream(stream, leaveInnerStreamOpen: true);
        string? problem = null;
        await secure.AuthenticateAsClientAsync(MakeOptions(_check.Pages[step], step, found => problem = found), patience.Token).ConfigureAwait(false);
        if (problem is not null) return ProbeResult.Failure($"TLS: {problem}");
        return await FetchAsync(secure, secure.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2, step, patience).ConfigureAwait(false);
    }

    // Who is not who he should be is judged after the handshake, so that the reason can be said; nothing is asked of him.
    private SslClientAuthenticationOptions MakeOptions(HttpPage page, int step, Action<string?> note) => new()
    {
        // No name, no indication: the framework leaves it out then.
        TargetHost = _check.SendsServerName ? _check.ServerName ?? page.VirtualHost ?? _serverName ?? "" : "",
        ApplicationProtocols = _check.OffersHttp2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : null,
        ClientCertificates = _certificate is null ? null : [_certificate],
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = _verification?.MakePolicy() ?? new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
#pragma warning disable CA5359 // keepalived verifies nothing: a check asks whether a server answers, not who it is.
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            if (_verification is not null) note(TlsVerification.FindProblem(certificate, chain, errors, CertificateName(step)));
            return true;
        },
#pragma warning restore CA5359
    };

    private string CertificateName(int step) => _check.CertificateName ?? _check.ServerName ?? _hosts[step] ?? Server.Address.ToString();

    private async Task<ProbeResult> FetchAsync(Stream stream, bool isHttp2, int step, ProbePatience patience)
    {
        ProbeResult result = isHttp2 ? await FetchHttp2Async(stream, step, patience).ConfigureAwait(false) : await FetchHttp1Async(stream, step, patience).ConfigureAwait(false);

        // Where the server chooses, it matters what it has chosen.
        return _check.OffersHttp2 && result.Outcome == ProbeOutcome.Failure ? ProbeResult.Failure($"{(isHttp2 ? "HTTP/2" : "HTTP/1.1")}: {result.Detail}") : result;
    }

    private async Task<ProbeResult> FetchHttp1Async(Stream stream, int step, ProbePatience patience)
    {
        await stream.WriteAsync(MakeRequest(_check.Pages[step], step), patience.Token).ConfigureAwait(false);
        byte[] buffer = new byte[BufferSize];
        using var heard = new MemoryStream();
        HttpHead? head = null;
        while (head is null)
        {
            Renew(patience);
            int length = await stream.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (length == 0) return ProbeResult.Failure("it closed the connection before its header ended");
            heard.Write(buffer, 0, length);
            if (heard.Length > MostHeader + buffer.Length) return ProbeResult.Failure("the header does not end");
            head = HttpHead.TryParse(heard.GetBuffer().AsSpan(0, (int)heard.Length));
        }

        using HttpBody body = MakeBody(step, head.ContentLength);
        body.Take(heard.GetBuffer().AsSpan(head.Size..(int)heard.Length));
        await ReadAsync(stream, body, patience).ConfigureAwait(false);
        return head.Status == 0 ? ProbeResult.Failure($"no status code in '{AnswerText.Clean(head.StatusLine, 60)}'") : Judge(head.Status, body, step);
    }

    private async Task<ProbeResult> FetchHttp2Async(Stream stream, int step, ProbePatience patience)
    {
        using var exchange = new Http2Exchange(stream);
        try
        {
            Renew(patience);
            using HttpResponseMessage answer = await exchange.AskAsync(_check.IsSsl, Server.Authority, _check.Pages[step].Path!, HostOf(step), patience.Token).ConfigureAwait(false);
            using HttpBody body = MakeBody(step, hashed: null);
            using Stream coming = await answer.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            await ReadAsync(coming, body, patience).ConfigureAwait(false);
            return Judge((int)answer.StatusCode, body, step);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return ProbeResult.Failure(exchange.Describe(error));
        }
    }

    private HttpBody MakeBody(int step, long? hashed) => new(_check.Pages[step].Digest is not null, _patterns[step] is not null, hashed);

    private async Task ReadAsync(Stream stream, HttpBody body, ProbePatience patience)
    {
        byte[] buffer = new byte[BufferSize];
        while (body.Octets <= MostOctets)
        {
            Renew(patience);
            int length = await stream.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (length == 0) return;
            body.Take(buffer.AsSpan(0, length));
        }
    }

    // TLS has one deadline for the whole answer, as keepalived has it.
    private void Renew(ProbePatience patience)
    {
        if (!_check.IsSsl) patience.Renew();
    }

    private ProbeResult Judge(int status, HttpBody body, int step)
    {
        HttpPage page = _check.Pages[step];

        // What is only asked for its status may be of any length.
        if (body.Octets > MostOctets && (page.Digest is not null || _patterns[step] is not null)) return ProbeResult.Failure($"the answer is longer than {MostOctets >> 20} MiB");
        bool isGood = page.StatusCodes.Count == 0 ? status is >= 200 and <= 299 : page.StatusCodes.Any(r => status >= r.First && status <= r.Last);
        if (!isGood) return ProbeResult.Failure($"status {status} for {page.Path}");
        if (page.Digest is { } wanted && body.FinishDigest() is { } digest && digest != wanted) return ProbeResult.Failure($"the digest of {page.Path} is {digest}");
        return _patterns[step] is { } pattern && pattern.Judge(body.Searched) is { } problem ? ProbeResult.Failure($"{page.Path}: {problem}") : ProbeResult.Success;
    }

    private string HostOf(int step) => _hosts[step] ?? Server.Authority;

    /// <summary>The octets of a request in HTTP/1.0 or 1.1 (reference §6.4).</summary>
    internal byte[] MakeRequest(HttpPage page, int step)
    {
        bool isLate = _check.Version == "1.1" || _check.OffersHttp2;
        string close = isLate || _check.Version == "1.0C" ? "Connection: close\r\n" : "";
        return Encoding.Latin1.GetBytes($"GET {page.Path} HTTP/{(isLate ? "1.1" : "1.0")}\r\nUser-Agent: {UserAgent}\r\n{close}Host: {HostOf(step)}\r\n\r\n");
    }
}
