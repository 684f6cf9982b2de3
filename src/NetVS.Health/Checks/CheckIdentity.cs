using System.Globalization;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Checks;

/// <summary>What a check is recognised by at a reload: its kind, how it connects, and what it asks; not when (reference §7.7).</summary>
internal static class CheckIdentity
{
    /// <summary>A text that is equal for equal checks of the same real server.</summary>
    public static string Of(Checker checker)
    {
        CheckOptions o = checker.Options;
        string connection = string.Create(CultureInfo.InvariantCulture, $"{checker.Kind}|{o.Address}|{o.Port}|{o.BindAddress}|{o.BindPort}|{o.BindInterface}|{o.Mark}|{o.GoesUsersWay}|");
        return connection + checker switch
        {
            HttpCheck http => $"{http.Version}|{http.VirtualHost}|{http.SendsServerName}|{http.ServerName}|{http.VerifiesCertificate}|{http.CertificateName}|{string.Join('\n', http.Pages.Select(Of))}",
            SmtpCheck smtp => smtp.HeloName,
            DnsCheck dns => $"{dns.Type}|{dns.Question}|{string.Join('\n', dns.Answers)}",
            UdpCheck udp => $"{Hex(udp.Payload)}|{udp.RequiresReply}|{Hex(udp.Reply)}|{Hex(udp.ReplyMask)}|{udp.MinReplyLength}|{udp.MaxReplyLength}",
            MiscCheck misc => $"{string.Join('\0', misc.Script?.Arguments ?? [])}|{misc.User}|{misc.Group}|{misc.IsDynamic}",
            BfdCheck bfd => bfd.Instance ?? "",
            FileCheck file => $"{file.File}|{file.Weight}|{file.IsReversed}",
            _ => "",
        };
    }

    private static string Of(HttpPage page) =>
        $"{page.Path}|{string.Join(',', page.StatusCodes)}|{page.Digest}|{page.VirtualHost}|{page.Pattern}|{page.IsPatternNegated}|{string.Join(',', page.PatternOptions)}|{page.PatternMinOffset}|{page.PatternMaxOffset}";

    private static string Hex(IReadOnlyList<byte>? octets) => octets is null ? "" : Convert.ToHexString([.. octets]);
}
