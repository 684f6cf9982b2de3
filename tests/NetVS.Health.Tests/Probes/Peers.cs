using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NetVS.Health.Probes;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Health.Tests.Probes;

/// <summary>Servers that probes are shown, on the loopback device.</summary>
internal static class Peers
{
    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static ProbeTarget At(EndPoint server, double patience = 5, CheckOptions? options = null)
    {
        var endpoint = (IPEndPoint)server;
        return new ProbeTarget(options ?? new CheckOptions(), new IpEndpoint(IpAddress.Parse(endpoint.Address.ToString()), (ushort)endpoint.Port), TimeSpan.FromSeconds(patience));
    }

    public static Socket Listen(IPAddress? address = null)
    {
        var socket = new Socket((address ?? IPAddress.Loopback).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    /// <summary>Serves one connection: gives what was heard until the first blank line or the first line.</summary>
    public static async Task<string> ServeAsync(Socket listener, Func<Stream, Task> serve, X509Certificate2? certificate = null, Action<string?>? named = null)
    {
        using Socket socket = await listener.AcceptAsync(Cancellation);
        await using var plain = new NetworkStream(socket);
        if (certificate is null) return await ConverseAsync(plain, serve);
        await using var secure = new SslStream(plain);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateSelectionCallback = (_, name) =>
            {
                named?.Invoke(name);
                return certificate;
            },
        }, Cancellation);
        return await ConverseAsync(secure, serve);
    }

    private static async Task<string> ConverseAsync(Stream stream, Func<Stream, Task> serve)
    {
        var heard = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!heard.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer, Cancellation) is > 0 and int length)
            heard.Append(Encoding.Latin1.GetString(buffer, 0, length));
        await serve(stream);
        return heard.ToString();
    }

    public static Func<Stream, Task> Say(string answer) => stream => stream.WriteAsync(Encoding.Latin1.GetBytes(answer), Cancellation).AsTask();

    /// <summary>A certificate that has signed itself.</summary>
    public static X509Certificate2 MakeCertificate(string name, int days = 30)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(Math.Min(days, 0) - 2), DateTimeOffset.UtcNow.AddDays(days));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
