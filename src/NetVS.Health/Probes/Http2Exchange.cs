// RFC 9113 §3.3: prior knowledge; §3.2, RFC 7301: what TLS has agreed on; §8.3.1: the request's fields.
using System.Net;
using System.Net.Sockets;

namespace NetVS.Health.Probes;

/// <summary>One request of HTTP/2 on a connection that is there already: the framework speaks, once, and adds nothing of its own.</summary>
/// <remarks>Its end is the connection's: whoever owns the socket closes it next, and with it ends what the framework still waits for.</remarks>
internal sealed class Http2Exchange : IDisposable
{
    private readonly Stream _connection;
    private readonly HttpMessageInvoker _invoker;
    private Http2Guard? _guard;
    private bool _isRefused;

    /// <summary>Prepares it.</summary>
    /// <param name="connection">An <see cref="System.Net.Security.SslStream"/> that has agreed on HTTP/2, or a connection without TLS.</param>
    public Http2Exchange(Stream connection)
    {
        _connection = connection;
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult(Connect()),

            // Above TLS, so that frames are seen.
            PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(_guard = new Http2Guard(context.PlaintextStream)),
            MaxResponseHeadersLength = HttpProbe.MostHeader >> 10,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
        });
    }

    /// <summary>Why something cannot be asked for in HTTP/2; null for nothing.</summary>
    /// <param name="path">The path.</param>
    /// <param name="authority">The name of the host; null for its address.</param>
    public static string? FindProblem(string path, string? authority)
    {
        if (!path.StartsWith('/') || path.Any(c => c is <= ' ' or >= '\x7f')) return $"the path '{AnswerText.Clean(path, 60)}' does not begin with /, or has a blank or a letter that is not ASCII";
        try
        {
            using HttpRequestMessage request = Make(false, new IPEndPoint(IPAddress.Loopback, 1).ToString(), path, authority ?? "");
            return null;
        }
        catch (FormatException)
        {
            return $"the virtualhost '{AnswerText.Clean(authority ?? "", 60)}' is no host";
        }
    }

    /// <summary>Asks.</summary>
    /// <param name="isSecure">The connection is one of TLS.</param>
    /// <param name="server">Address and port.</param>
    /// <param name="path">The path, as it is.</param>
    /// <param name="authority">The name of the host.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The answer when its header is there; its body is still to come.</returns>
    /// <exception cref="HttpRequestException">There is none: see <see cref="Describe"/>.</exception>
    public async Task<HttpResponseMessage> AskAsync(bool isSecure, string server, string path, string authority, CancellationToken cancellation)
    {
        using HttpRequestMessage request = Make(isSecure, server, path, authority);
        return await _invoker.SendAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>A short sentence for what went wrong while it asked, or read the body.</summary>
    public string Describe(Exception error) => _guard?.Problem ?? (_isRefused ? "it takes no request: GOAWAY or REFUSED_STREAM" : FindCause(error) switch
    {
        SocketException e => ProbeTarget.Describe(e),
        HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => "it closed the connection before its answer ended",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } or HttpIOException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "the header does not end",
        HttpIOException e => AnswerText.Clean(e.Message.Replace($" ({e.HttpRequestError})", "", StringComparison.Ordinal), 120),
        Exception e => AnswerText.Clean(e.Message, 120),
    });

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    // That the framework has closed a connection which it goes on using says nothing: what it says around that does.
    private static Exception FindCause(Exception error)
    {
        while (error.InnerException is { } inner and not ObjectDisposedException) error = inner;
        return error;
    }

    private static HttpRequestMessage Make(bool isSecure, string server, string path, string authority)
    {
        // The path goes out as it stands in the configuration, as it does with HTTP/1.1.
        var address = new Uri($"{(isSecure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp)}://{server}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("User-Agent", HttpProbe.UserAgent);
        request.Headers.Host = authority;
        return request;
    }

    // The framework asks once more, on a new connection, when a server has not begun with a request. A check asks once.
    private Stream Connect()
    {
        if (_guard is null) return _connection;
        _isRefused = true;
        throw new IOException("asked twice");
    }
}
