using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NetVS.Api.Contract;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Api.Client;

/// <summary>Talks to the daemon through its socket. It loads none of the server's libraries, so that a command starts at once.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>A client of the daemon on this socket.</summary>
    public ApiClient(string socketPath)
    {
        SocketPath = socketPath;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://netvs/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The socket's path.</summary>
    public string SocketPath { get; }

    /// <summary>Sends a request without body; the answer's body or the problem.</summary>
    public Task<ApiAnswer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type) => SendAsync(HttpMethod.Get, path, null, type);

    /// <summary>Sends a request; the answer has a body.</summary>
    public async Task<ApiAnswer<T>> SendAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type)
    {
        using HttpResponseMessage response = await ExchangeAsync(method, path, body);
        if (!response.IsSuccessStatusCode) return new ApiAnswer<T>(default, await ReadProblemAsync(response));
        T? value = await ReadAsync(response, type);
        return value is null ? throw Broken("an empty answer") : new ApiAnswer<T>(value, null);
    }

    /// <summary>Sends a request whose answer has no body; the problem, or null.</summary>
    public async Task<ProblemBody?> SendAsync(HttpMethod method, string path, HttpContent? body = null)
    {
        using HttpResponseMessage response = await ExchangeAsync(method, path, body);
        return response.IsSuccessStatusCode ? null : await ReadProblemAsync(response);
    }

    /// <summary>A JSON body.</summary>
    public static HttpContent Body<T>(T value, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> ExchangeAsync(HttpMethod method, string path, HttpContent? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (HttpRequestException e)
        {
            throw new TargetUnavailableException(Explain(e), e);
        }
    }

    private static string Explain(HttpRequestException failure) => failure.InnerException switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "Permission denied (you must be root)",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "Connection refused",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "No such file or directory",
        SocketException other => other.Message,
        ArgumentException => "File name too long",
        _ => failure.Message,
    };

    private static async Task<ProblemBody> ReadProblemAsync(HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") throw Broken($"HTTP status {(int)response.StatusCode}");
        return await ReadAsync(response, ApiJson.Default.ProblemBody) ?? throw Broken("an empty problem");
    }

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type)
    {
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            return await JsonSerializer.DeserializeAsync(stream, type);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            throw Broken(e.Message, e);
        }
    }

    private static TargetUnavailableException Broken(string what, Exception? cause = null) =>
        new($"the daemon's answer is not understood: {what}: are daemon and client of the same version?", cause!);
}
