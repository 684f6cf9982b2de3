// RFC 8446 (TLS 1.3), with a certificate from both ends.

using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace NetVS.Control.Peers;

/// <summary>TLS of the peer channel: version 1.3, and each end takes only one that holds the same key.</summary>
/// <remarks>Names, issuers and dates of certificates mean nothing. Nothing is resumed: each connection proves the key anew.</remarks>
internal static class PeerTls
{
    /// <summary>Proves the key to whoever was dialled, and has it prove it.</summary>
    /// <exception cref="AuthenticationException">It does not.</exception>
    public static Task AuthenticateDialledAsync(SslStream stream, PeerKey key, CancellationToken cancellation) => stream.AuthenticateAsClientAsync(
        new SslClientAuthenticationOptions
        {
            TargetHost = "netvs peer",
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false,
            ClientCertificateContext = SslStreamCertificateContext.Create(key.Certificate, null, offline: true),
            CertificateChainPolicy = CreatePolicy(),
            RemoteCertificateValidationCallback = (_, certificate, _, _) => key.Is(certificate),
        }, cancellation);

    /// <summary>Proves the key to whoever has dialled, and has it prove it.</summary>
    /// <exception cref="AuthenticationException">It does not.</exception>
    public static Task AuthenticateDiallerAsync(SslStream stream, PeerKey key, CancellationToken cancellation) => stream.AuthenticateAsServerAsync(
        new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false,
            ClientCertificateRequired = true,
            ServerCertificateContext = SslStreamCertificateContext.Create(key.Certificate, null, offline: true),
            CertificateChainPolicy = CreatePolicy(),
            RemoteCertificateValidationCallback = (_, certificate, _, _) => key.Is(certificate),
        }, cancellation);

    private static X509ChainPolicy CreatePolicy() => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
}
