using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace NetVS.Health.Tests.Probes;

/// <summary>A server of HTTP/2 for one connection that answers a request with any octets.</summary>
internal sealed class FramePeer : IDisposable
{
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Push = 5, Ping = 6, GoAway = 7, Continuation = 9;
    public const byte EndStream = 1, EndHeaders = 4;
    private const int HeadSize = 9, PrefaceSize = 24;

    private readonly Socket _listener = Peers.Listen();
    private readonly Task _serving;

    /// <summary>Starts one.</summary>
    /// <param name="first">What it says before it has heard anything.</param>
    /// <param name="then">What it says to the request; null closes the connection.</param>
    /// <param name="isEndless">The last of them again and again, until nobody listens.</param>
    /// <param name="certificate">With TLS.</param>
    /// <param name="isOpen">It keeps the connection open afterwards.</param>
    public FramePeer(byte[] first, byte[][] then, bool isEndless = false, X509Certificate2? certificate = null, bool isOpen = false)
    {
        _serving = Task.Run(async () =>
        {
            using Socket socket = await _listener.AcceptAsync(Peers.Cancellation);
            await using var plain = new NetworkStream(socket);
            await using Stream stream = certificate is null ? plain : await SecureAsync(plain, certificate);
            try
            {
                await stream.WriteAsync(first, Peers.Cancellation);
                await HearAsync(stream);
                for (int i = 0; i < then.Length; i = isEndless ? Math.Min(i + 1, then.Length - 1) : i + 1) await stream.WriteAsync(then[i], Peers.Cancellation);
                if (!isOpen) socket.Shutdown(SocketShutdown.Send);
                byte[] rest = new byte[4096];
                while (await stream.ReadAsync(rest, Peers.Cancellation) > 0)
                {
                }
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // The probe has had enough.
            }
        });
    }

    public EndPoint EndPoint => _listener.LocalEndPoint!;

    /// <summary>Ends when the connection has ended.</summary>
    public Task EndAsync() => _serving.WaitAsync(TimeSpan.FromSeconds(60), Peers.Cancellation);

    public void Dispose() => _listener.Dispose();

    /// <summary>RFC 9113 §4.1.</summary>
    public static byte[] Frame(byte type, byte flags, int stream, params byte[] payload) =>
        [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8 & 0xFF), (byte)(payload.Length & 0xFF), type, flags, 0, 0, 0, (byte)stream, .. payload];

    private static async Task<SslStream> SecureAsync(Stream plain, X509Certificate2 certificate)
    {
        var secure = new SslStream(plain);
        var options = new SslServerAuthenticationOptions { ServerCertificate = certificate, ApplicationProtocols = [SslApplicationProtocol.Http2] };
        await secure.AuthenticateAsServerAsync(options, Peers.Cancellation);
        return secure;
    }

    // Until a request is there: an answer that comes before it answers nothing.
    private static async Task HearAsync(Stream stream)
    {
        byte[] head = new byte[HeadSize];
        await stream.ReadExactlyAsync(new byte[PrefaceSize], Peers.Cancellation);
        do
        {
            await stream.ReadExactlyAsync(head, Peers.Cancellation);
            await stream.ReadExactlyAsync(new byte[head[0] << 16 | head[1] << 8 | head[2]], Peers.Cancellation);
        }
        while (head[3] != Headers);
    }
}
