using NetVS.Keepalived.Tables;

namespace NetVS.Keepalived.Keywords;

/// <summary>Every table of keywords.</summary>
public static class AllTables
{
    /// <summary>The tables, the file's own first.</summary>
    public static IReadOnlyList<IKeywordTable> Tables { get; } =
    [
        RootKeywords.Table, GlobalKeywords.Table, VrrpInstanceKeywords.Table, VrrpInstanceKeywords.Authentication, VrrpPartsKeywords.SyncGroup,
        VrrpPartsKeywords.Script, VrrpPartsKeywords.Process, VrrpPartsKeywords.File, VrrpPartsKeywords.TrackGroup, VrrpPartsKeywords.GarpGroup,
        VrrpPartsKeywords.Bfd, VrrpPartsKeywords.Ssl, VirtualServerKeywords.Table, RealServerKeywords.Table, CheckerKeywords.Tcp, CheckerKeywords.Http,
        CheckerKeywords.Page, CheckerKeywords.Smtp, CheckerKeywords.SmtpHost, CheckerKeywords.Dns, CheckerKeywords.Udp, CheckerKeywords.Ping,
        CheckerKeywords.Misc, CheckerKeywords.File, CheckerKeywords.Bfd,
    ];

    /// <summary>The blocks that have a keyword.</summary>
    internal static IEnumerable<string> ThatHave(string keyword) => Tables.Where(t => t.Keywords.Any(k => k.Key == keyword)).Select(t => t.Name);
}
