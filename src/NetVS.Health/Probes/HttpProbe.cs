using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NetVS.Health.Checks;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Probes;

/// <summary>HTTP_GET and SSL_GET: one page an attempt, fetched and compared (reference §6.4).</summary>
/// <remarks>
/// The answer is read until the server closes, at most <see cref="MostOctets"/>. Certificates are only verified where the configuration says so, which
/// keepalived cannot; transfer encodings are not decoded and redirects not followed.
/// </remarks>
internal sealed class HttpProbe : StreamProbe
{
    /// <summary>The longest answer that is read.</summary>
    public const int MostOctets = 16 << 20;

    /// <summary>The part of a body that is searched by a regular expression.</summary>
    public const int MostSearched = 1 << 20;

    private const int MostHeader = 64 << 10;
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
        _hosts = [.. check.Pages.Select(p => p.VirtualHost ?? check.VirtualHost ?? realHost ?? virtualHost)];
        _serverName = check.VirtualHost ?? virtualHost;
        _patterns = [.. check.Pages.Select(p => p.Pattern is null ? null : PagePattern.Make(p))];
    }

    /// <inheritdoc/>
    protected internal override async Task<ProbeResult> TalkAsync(Stream stream, int step, ProbePatience patience)
    {
        HttpPage page = _check.Pages[step];
        if (!_check.IsSsl) return await FetchAsync(stream, page, step, patience).ConfigureAwait(false);
        using var secure = new SslStream(stream, leaveInnerStreamOpen: true);
        string? problem = null;
        await secure.AuthenticateAsClientAsync(MakeOptions(page, step, found => problem = found), patience.Token).ConfigureAwait(false);
        return problem is not null ? ProbeResult.Failure($"TLS: {problem}") : await FetchAsync(secure, page, step, patience).ConfigureAwait(false);
    }

    // Who is not who he should be is judged after the handshake, so that the reason can be said; nothing is asked of him.
    private SslClientAuthenticationOptions MakeOptions(HttpPage page, int step, Action<string?> note) => new()
    {
        // No name, no indication: the framework leaves it out then.
        TargetHost = _check.SendsServerName ? _check.ServerName ?? page.VirtualHost ?? _serverName ?? "" : "",
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

    private async Task<ProbeResult> FetchAsync(Stream stream, HttpPage page, int step, ProbePatience patience)
    {
        await stream.WriteAsync(MakeRequest(page, step), patience.Token).ConfigureAwait(false);
        byte[] buffer = new byte[16 << 10];
        using var header = new MemoryStream();
        HttpAnswer? answer = null;
        try
        {
            while (answer is null || answer.Octets <= MostOctets)
            {
                // TLS has one deadline for the whole answer, as keepalived has it.
                if (!_check.IsSsl) patience.Renew();
                int length = await stream.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
                if (length == 0) break;
                if (answer is not null)
                {
                    answer.Take(buffer.AsSpan(0, length));
                    continue;
                }

                header.Write(buffer, 0, length);
                if (header.Length > MostHeader + buffer.Length) return ProbeResult.Failure("the header does not end");
                answer = HttpAnswer.TryBegin(header.GetBuffer().AsSpan(0, (int)header.Length), page.Digest is not null, _patterns[step] is not null);
            }

            if (answer is null) return ProbeResult.Failure("it closed the connection before its header ended");

            // What is only asked for its status may be of any length.
            bool isTooLong = answer.Octets > MostOctets && (page.Digest is not null || _patterns[step] is not null);
            return isTooLong ? ProbeResult.Failure($"the answer is longer than {MostOctets >> 20} MiB") : Judge(answer, page, step);
        }
        finally
        {
            answer?.Dispose();
        }
    }

    private ProbeResult Judge(HttpAnswer answer, HttpPage page, int step)
    {
        int status = answer.Status;
        if (status == 0) return ProbeResult.Failure($"no status code in '{AnswerText.Clean(answer.StatusLine, 60)}'");
        bool isGood = page.StatusCodes.Count == 0 ? status is >= 200 and <= 299 : page.StatusCodes.Any(r => status >= r.First && status <= r.Last);
        if (!isGood) return ProbeResult.Failure($"status {status} for {page.Path}");
        if (page.Digest is { } wanted && answer.FinishDigest() is { } digest && digest != wanted) return ProbeResult.Failure($"the digest of {page.Path} is {digest}");
        return _patterns[step] is { } pattern && pattern.Judge(answer.Searched) is { } problem ? ProbeResult.Failure($"{page.Path}: {problem}") : ProbeResult.Success;
    }

    /// <summary>The request's octets (reference §6.4).</summary>
    internal byte[] MakeRequest(HttpPage page, int step)
    {
        string version = _check.Version == "1.1" ? "1.1" : "1.0";
        string close = _check.Version is "1.1" or "1.0C" ? "Connection: close\r\n" : "";
        string host = _hosts[step] ?? Server.ToString();
        return Encoding.Latin1.GetBytes($"GET {page.Path} HTTP/{version}\r\nUser-Agent: KeepAliveClient\r\n{close}Host: {host}\r\n\r\n");
    }
}
