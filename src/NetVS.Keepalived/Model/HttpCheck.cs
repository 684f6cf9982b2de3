using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>Pages are fetched and compared.</summary>
public sealed record HttpCheck : Checker
{
    /// <summary>SSL_GET.</summary>
    public bool IsSsl { get; init; }

    /// <summary>The pages, one a round.</summary>
    public ImmutableList<HttpPage> Pages { get; init; } = [];

    /// <summary>The Host header.</summary>
    public string? VirtualHost { get; init; }

    /// <summary>1.0, 1.0C, 1.1, or 2, which is NetVS's own.</summary>
    public string Version { get; init; } = "1.0";

    /// <summary>HTTP/2: with TLS where the server takes it, else without asking (RFC 9113 §3).</summary>
    public bool OffersHttp2 => Version == "2";

    /// <summary>Server name indication.</summary>
    public bool SendsServerName { get; init; }

    /// <summary>The name to indicate, whatever the Host header is; null for that.</summary>
    public string? ServerName { get; init; }

    /// <summary>The server's certificate is verified (NetVS's own).</summary>
    public bool VerifiesCertificate { get; init; }

    /// <summary>The name the certificate must be for; null for the server name, the Host header or the address.</summary>
    public string? CertificateName { get; init; }

    /// <summary>All pages at once while down.</summary>
    public bool RecoversFast { get; init; }

    /// <inheritdoc/>
    public override string Kind => IsSsl ? "SSL_GET" : "HTTP_GET";
}
