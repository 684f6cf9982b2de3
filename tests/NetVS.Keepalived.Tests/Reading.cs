using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Hosts;
using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Tests;

/// <summary>Reads texts, and says what came of it the way tests like to compare it.</summary>
internal static class Reading
{
    public static IHostFacts Eth { get; } = new TestHost("eth0", "eth1", "eth2", "eth3", "eth4", "eth0.1");

    /// <summary>A host on which scripts are not asked about.</summary>
    public static IHostFacts Unscripted => AnyHost.Instance;

    public static KeepalivedReading Of(string text, IHostFacts? host = null, string id = "") =>
        Of(new MemoryFiles(("t.conf", text)), host, id);

    public static KeepalivedReading Of(IConfigurationFiles files, IHostFacts? host = null, string id = "") =>
        KeepalivedReader.Read("t.conf", files, host ?? Eth, new ReaderOptions { ConfigurationId = id, WorkingDirectory = "/etc/keepalived" });

    /// <summary>What is wrong: all but keywords without effect here.</summary>
    public static IEnumerable<KeepalivedDiagnostic> Complaints(this KeepalivedReading reading) => reading.Problems.Where(p => p.Severity != DiagnosticSeverity.NotSupportedYet);

    /// <summary><c>line:column message</c> of what is wrong, with the lines keepalived prints besides behind a bar.</summary>
    public static string[] Lines(this KeepalivedReading reading) => [.. reading.Complaints().Select(Line)];

    public static string Line(KeepalivedDiagnostic p) => $"{p.Position.Line}:{p.Position.Column} {string.Join(" | ", p.Also.Prepend(p.Message))}";

    /// <summary>Reads a text in which nothing may be wrong; a keyword without effect may be in it.</summary>
    public static KeepalivedReading Clean(string text, IHostFacts? host = null, string id = "")
    {
        KeepalivedReading reading = Of(text, host, id);
        reading.Lines().ShouldBeEmpty();
        reading.ExitStatus.ShouldBe(0);
        return reading;
    }
}
