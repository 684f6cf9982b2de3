// Reference §5.3.
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;
using NetVS.Packets;

namespace NetVS.Keepalived.Keywords;

/// <summary>The keywords of real_server.</summary>
internal static class RealServerKeywords
{
    /// <summary>The table.</summary>
    public static KeywordTable<RealServer> Table { get; } = CheckTimesKeywords.Add(new KeywordTable<RealServer>("real_server"),
            (v, change) => v with { Times = change(v.Times) }, "real server ", "real server delay_loop '%v' invalid - ignoring", 1, "retry value invalid - %v")
        .Support(KeywordSupport.Applied)
        .Number("weight", 0, int.MaxValue, (v, n) => v with { Weight = (int)n }, "Real server weight %v is outside range 0-2147483647")
        .On("lvs_method", (r, s, v) => ForwardingWords.Read(r, s, v, "real server") is { } f ? v with { Forwarding = f } : v)
        .Number("uthreshold", 0, uint.MaxValue, (v, n) => v with { UpperThreshold = (uint)n }, "Invalid real_server uthreshold '%v' - ignoring")
        .Number("lthreshold", 0, uint.MaxValue, (v, n) => v with { LowerThreshold = (uint)n }, "Invalid real_server lthreshold '%v' - ignoring")
        .Support(KeywordSupport.Unknown)
        .OnOff("inhibit_on_failure", (v, b) => v with { IsInhibiting = b }, "Invalid inhibit_on_failure parameter %v")
        .OnOff("alpha", (v, b) => v with { StartsDown = b }, "Invalid alpha parameter %v")
        .Script("notify_up", (v, s) => v with { NotifyUp = s }, v => v.NotifyUp, ScriptSide.Checkers)
        .Script("notify_down", (v, s) => v with { NotifyDown = s }, v => v.NotifyDown, ScriptSide.Checkers)
        .OnOff("smtp_alert", (v, b) => v with { SendsMail = b }, "Invalid real_server smtp_alert parameter %v")
        .Text("virtualhost", (v, s) => v with { VirtualHost = s })
        .Text("snmp_name", (v, s) => v with { SnmpName = s })
        .Block("TCP_CHECK", CheckerKeywords.Tcp, (_, s, _) => new TcpCheck { Position = s.Position }, Add)
        .Block("HTTP_GET", CheckerKeywords.Http, (_, s, _) => new HttpCheck { Position = s.Position }, Add)
        .Block("SSL_GET", CheckerKeywords.Http, (_, s, _) => new HttpCheck { Position = s.Position, IsSsl = true }, Add)
        .Block("SMTP_CHECK", CheckerKeywords.Smtp, (_, s, _) => new SmtpCheck { Position = s.Position }, Add)
        .Block("DNS_CHECK", CheckerKeywords.Dns, (_, s, _) => new DnsCheck { Position = s.Position }, Add)
        .Block("UDP_CHECK", CheckerKeywords.Udp, (_, s, _) => new UdpCheck { Position = s.Position }, Add)
        .Block("PING_CHECK", CheckerKeywords.Ping, (_, s, _) => new PingCheck { Position = s.Position }, Add)
        .Block("MISC_CHECK", CheckerKeywords.Misc, (_, s, _) => new MiscCheck { Position = s.Position }, Add)
        .Block("FILE_CHECK", CheckerKeywords.File, (_, s, _) => new FileCheck { Position = s.Position }, Add)
        .Block("BFD_CHECK", CheckerKeywords.Bfd, (_, s, _) => new BfdCheck { Position = s.Position }, Add)
        .Idle("use NetVS's HTTP API instead", "snmp_name")
        .Run("smtp_alert", "delay_loop", "retry", "delay_before_retry", "warmup", "connect_timeout", "inhibit_on_failure", "alpha", "notify_up", "notify_down", "virtualhost",
            "TCP_CHECK", "HTTP_GET", "SSL_GET", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK", "PING_CHECK", "MISC_CHECK", "FILE_CHECK", "BFD_CHECK");

    private static RealServer Add(BlockReader reader, RealServer v, Checker checker) =>
        IsUsable(reader, v, checker) ? v with { Checkers = v.Checkers.Add(checker) } : v;

    private static bool IsUsable(BlockReader reader, RealServer v, Checker checker)
    {
        (string? problem, string advice) = checker switch
        {
            HttpCheck { Pages.Count: 0 } => ("HTTP/SSL_GET checker has no urls specified - ignoring", "add a url block with a path"),
            MiscCheck { Script: null } => ("No script path has been specified for MISC_CHECKER - skipping", "add misc_path"),
            FileCheck { File: null } => ("FILE_CHECK has no track_file specified - ignoring", "add track_file"),
            BfdCheck { Instance: null } => ("BFD_CHECK has no name specified - ignoring", "add name"),
            _ => (null, ""),
        };
        if (problem is not null)
        {
            reader.Diagnostics.Error(checker.Position, problem, advice);
            return false;
        }

        if (checker is UdpCheck udp && udp.MinReplyLength > udp.MaxReplyLength)
        {
            reader.Diagnostics.Warn(checker.Position, $"UDP_CHECK min_reply length {udp.MinReplyLength} > max_reply_length {udp.MaxReplyLength} - will always fail",
                "exchange the two");
        }

        if (checker is FileCheck or BfdCheck or MiscCheck) return true;
        CheckOptions options = checker.Options;
        IpAddress target = options.Address.IsNone ? v.Endpoint.Address : options.Address;
        if (!options.BindAddress.IsNone && options.BindAddress.Family != target.Family)
        {
            reader.Diagnostics.Error(checker.Position, $"bindto address {options.BindAddress} does not match address family of connect_ip - skipping",
                "give both in one family");
            return false;
        }

        if (target.Family != IpFamily.V6 || target.V6.High >> 54 != 0x3FA || options.BindInterface is not null) return true;
        reader.Diagnostics.Error(checker.Position, $"Checker link local address {target} requires a bind_if", "add bind_if with the interface of the link");
        return false;
    }
}
