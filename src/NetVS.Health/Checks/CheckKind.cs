namespace NetVS.Health.Checks;

/// <summary>The words of a kind of check in the log (reference §6.2).</summary>
/// <param name="Name">The keyword.</param>
/// <param name="Success">Said when it comes up; {0} is the real server.</param>
/// <param name="Failure">Said when it goes down.</param>
internal sealed record CheckKind(string Name, string Success, string Failure)
{
    /// <summary>TCP_CHECK.</summary>
    public static CheckKind Tcp { get; } = new("TCP_CHECK", "TCP connection to {0} success.", "TCP_CHECK on service {0} failed");

    /// <summary>HTTP_GET.</summary>
    public static CheckKind Http { get; } = new("HTTP_GET", "Remote Web server {0} succeed on service.", "HTTP_CHECK on service {0} failed");

    /// <summary>SSL_GET.</summary>
    public static CheckKind Ssl { get; } = Http with { Name = "SSL_GET" };

    /// <summary>SMTP_CHECK.</summary>
    public static CheckKind Smtp { get; } = new("SMTP_CHECK", "Remote SMTP server {0} succeed on service.", "SMTP_CHECK on service {0} failed");

    /// <summary>DNS_CHECK.</summary>
    public static CheckKind Dns { get; } = new("DNS_CHECK", "DNS_CHECK ({0}) success.", "DNS_CHECK ({0}) failed");

    /// <summary>UDP_CHECK.</summary>
    public static CheckKind Udp { get; } = new("UDP_CHECK", "UDP connection to {0} success.", "UDP_CHECK on service {0} failed");

    /// <summary>PING_CHECK.</summary>
    public static CheckKind Ping { get; } = new("PING_CHECK", "ICMP connection to {0} success.", "ICMP CHECK on service {0} failed");

    /// <summary>MISC_CHECK.</summary>
    public static CheckKind Misc { get; } = new("MISC_CHECK", "Misc check for {0} succeeded.", "Misc check for {0} failed");

    /// <summary>BFD_CHECK.</summary>
    public static CheckKind Bfd { get; } = new("BFD_CHECK", "BFD check of {0} succeeded.", "BFD check of {0} failed");

    /// <summary>FILE_CHECK.</summary>
    public static CheckKind File { get; } = new("FILE_CHECK", "File check for {0} succeeded.", "File check for {0} failed");
}
