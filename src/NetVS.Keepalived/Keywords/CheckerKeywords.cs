// Reference §5.4, §5.5.
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;
using NetVS.Packets;

namespace NetVS.Keepalived.Keywords;

/// <summary>The keywords of the checkers' blocks.</summary>
internal static class CheckerKeywords
{
    /// <summary>TCP_CHECK.</summary>
    public static KeywordTable<TcpCheck> Tcp { get; } = UsersWay(new KeywordTable<TcpCheck>("TCP_CHECK")).RunAll();

    /// <summary>PING_CHECK.</summary>
    public static KeywordTable<PingCheck> Ping { get; } = Connection(new KeywordTable<PingCheck>("PING_CHECK")).RunAll();

    /// <summary>A host block of SMTP_CHECK.</summary>
    public static KeywordTable<SmtpHost> SmtpHost { get; } = Connection(new KeywordTable<SmtpHost>("host")).RunAll();

    /// <summary>SMTP_CHECK.</summary>
    public static KeywordTable<SmtpCheck> Smtp { get; } = UsersWay(new KeywordTable<SmtpCheck>("SMTP_CHECK"))
        .Text("helo_name", (v, s) => v with { HeloName = s })
        .Block("host", SmtpHost, (_, s, _) => new SmtpHost { Position = s.Position }, (_, v, h) => v with { Hosts = v.Hosts.Add(h) })
        .RunAll();

    /// <summary>DNS_CHECK.</summary>
    public static KeywordTable<DnsCheck> Dns { get; } = UsersWay(new KeywordTable<DnsCheck>("DNS_CHECK"))
        .On("type", CheckerLines.ReadDnsType)
        .On("name", CheckerLines.ReadDnsName)
        .On("netvs_answer", (_, s, v) => v with { Answers = v.Answers.AddRange(s.Words.Skip(1).Select(w => w.Text)) })
        .RunAll();

    /// <summary>UDP_CHECK.</summary>
    public static KeywordTable<UdpCheck> Udp { get; } = UsersWay(new KeywordTable<UdpCheck>("UDP_CHECK"))
        .On("payload", CheckerLines.ReadPayload)
        .On("require_reply", CheckerLines.ReadReply)
        .Number("min_reply_length", 0, 65535, (v, n) => v with { MinReplyLength = (int)n }, "UDP_CHECK min length %v not valid - must be between 0 & 65535")
        .Number("max_reply_length", 0, 65535, (v, n) => v with { MaxReplyLength = (int)n }, "UDP_CHECK max length %v not valid - must be between 0 & 65535")
        .RunAll();

    /// <summary>MISC_CHECK.</summary>
    public static KeywordTable<MiscCheck> Misc { get; } = Common(new KeywordTable<MiscCheck>("MISC_CHECK"))
        .Script("misc_path", (v, s) => v with { Script = s }, side: ScriptSide.Checkers, takesUser: false)
        .Number("misc_timeout", 1, 4294, (v, n) => v with { Timeout = TimeSpan.FromSeconds(n) }, "Invalid misc_timeout value '%v'")
        .Flag("misc_dynamic", v => v with { IsDynamic = true })
        .On("user", (r, s, v) => VrrpPartsKeywords.ReadUser(r, s, v, "Failed to set uid/gid for misc checker script '%v' - removing", out string? user, out string? group) ? v with { User = user, Group = group } : v)
        .RunAll();

    /// <summary>FILE_CHECK.</summary>
    public static KeywordTable<FileCheck> File { get; } = new KeywordTable<FileCheck>("FILE_CHECK")
        .On("track_file", CheckerLines.ReadTrackFile)
        .On("weight", CheckerLines.ReadFileWeight)
        .RunAll();

    /// <summary>BFD_CHECK.</summary>
    public static KeywordTable<BfdCheck> Bfd { get; } = new KeywordTable<BfdCheck>("BFD_CHECK")
        .Text("name", (v, s) => v with { Instance = s })
        .OnOff("alpha", (v, b) => Set(v, o => o with { StartsDown = b }), "Invalid alpha parameter %v")
        .RunAll();

    /// <summary>url.</summary>
    public static KeywordTable<HttpPage> Page { get; } = new KeywordTable<HttpPage>("url")
        .Text("path", (v, s) => v with { Path = s })
        .On("status_code", CheckerLines.ReadStatusCodes)
        .On("digest", CheckerLines.ReadDigest)
        .Text("virtualhost", (v, s) => v with { VirtualHost = s })
        .On("regex", CheckerLines.ReadPattern)
        .Flag("regex_no_match", v => v with { IsPatternNegated = true })
        .On("regex_options", (_, s, v) => v with { PatternOptions = v.PatternOptions.AddRange(s.Words.Skip(1).Select(w => w.Text)) })
        .On("regex_min_offset", (r, s, v) => CheckerLines.ReadOffset(r, s, v) is { } n ? v with { PatternMinOffset = n } : v)
        .On("regex_max_offset", (r, s, v) => CheckerLines.ReadOffset(r, s, v) is { } n ? v with { PatternMaxOffset = n } : v)
        .RunAll()
        .Unsupported("NetVS's regular expressions need no stack of their own", "regex_stack");

    /// <summary>HTTP_GET and SSL_GET.</summary>
    public static KeywordTable<HttpCheck> Http { get; } = UsersWay(new KeywordTable<HttpCheck>("HTTP_GET SSL_GET"))
        .Block("url", Page, (_, s, _) => new HttpPage { Position = s.Position }, AddPage)
        .Text("virtualhost", (v, s) => v with { VirtualHost = s })
        .On("http_protocol", CheckerLines.ReadHttpVersion)
        .OnOff("enable_sni", (v, b) => v with { SendsServerName = b }, "Invalid enable_sni parameter %v")
        .OnOff("fast_recovery", (v, b) => v with { RecoversFast = b }, "Invalid fast_recovery parameter %v")
        .On("nb_get_retry", CheckerLines.ReadOldRetry)
        .Text("sni_name", (v, s) => v with { ServerName = s, SendsServerName = true })
        .OnOff("netvs_tls_verify", (v, b) => v with { VerifiesCertificate = b }, "Invalid netvs_tls_verify parameter %v")
        .Text("netvs_tls_name", (v, s) => v with { CertificateName = s, VerifiesCertificate = true })
        .RunAll()
        .Unsupported("a keyword of a keepalived newer than 2.2.7", "tls_compliant");

    /// <summary>Changes the options of a check.</summary>
    public static T Set<T>(T check, Func<CheckOptions, CheckOptions> change)
        where T : Checker => (T)check.With(change(check.Options));

    private static KeywordTable<T> Common<T>(KeywordTable<T> table)
        where T : Checker => CheckTimesKeywords.Add(table, (v, change) => Set(v, o => o with { Times = change(o.Times) }), "", "delay_loop '%v' is invalid - ignoring", 0, "Invalid retry connection value '%v'")
        .OnOff("alpha", (v, b) => Set(v, o => o with { StartsDown = b }), "Invalid alpha parameter %v")
        .OnOff("log_all_failures", (v, b) => Set(v, o => o with { LogsAllFailures = b }), "Invalid log_all_failures parameter %v");

    private static KeywordTable<T> Connection<T>(KeywordTable<T> table)
        where T : Checker => Common(table)
        .Address("connect_ip", (v, a) => Set(v, o => o with { Address = a }), "Invalid connect_ip address %v - ignoring")
        .Number("connect_port", 1, 65535, (v, n) => Set(v, o => o with { Port = (ushort)n }), "Invalid checker connect_port '%v'")
        .Address("bindto", (v, a) => Set(v, o => o with { BindAddress = a }), "Invalid bindto address %v - ignoring")
        .Number("bind_port", 1, 65535, (v, n) => Set(v, o => o with { BindPort = (ushort)n }), "Invalid checker bind_port '%v'")
        .Text("bind_if", (v, s) => Set(v, o => o with { BindInterface = s }))
        .Number("fwmark", 0, uint.MaxValue, (v, n) => Set(v, o => o with { Mark = (uint)n }), "Invalid fwmark connection value '%v'");

    private static KeywordTable<T> UsersWay<T>(KeywordTable<T> table)
        where T : Checker => Connection(table)
        .OnOff("netvs_users_way", (v, b) => Set(v, o => o with { GoesUsersWay = b }), "Invalid netvs_users_way parameter %v");

    private static HttpCheck AddPage(BlockReader reader, HttpCheck v, HttpPage page)
    {
        if (page.Path is not null) return v with { Pages = v.Pages.Add(page) };
        reader.Diagnostics.Error(page.Position, "HTTP/SSL_GET checker url has no path - ignoring", "add a path, / for the root");
        return v;
    }
}
