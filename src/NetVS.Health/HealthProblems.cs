using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NetVS.Health.Probes;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;

namespace NetVS.Health;

/// <summary>What of a configuration's checks NetVS cannot do: an error where a check would not be what it says, a word where something is not done yet.</summary>
public static class HealthProblems
{
    /// <summary>Finds them.</summary>
    public static IReadOnlyList<KeepalivedDiagnostic> Find(KeepalivedConfiguration configuration) => Find(configuration, out _);

    /// <summary>Finds them, and loads the certificate that this host shows in SSL checks.</summary>
    internal static List<KeepalivedDiagnostic> Find(KeepalivedConfiguration configuration, out X509Certificate2? certificate)
    {
        var problems = new List<KeepalivedDiagnostic>();
        foreach (Checker checker in configuration.VirtualServers.SelectMany(v => v.RealServers).SelectMany(r => r.Checkers))
        {
            if (checker is HttpCheck http) problems.AddRange(http.Pages.Where(p => p.Pattern is not null).Select(FindPattern).OfType<KeepalivedDiagnostic>());
        }

        GlobalDefinitions global = configuration.Global;
        if (global.Mail is not { Server: not null, Recipients.Count: > 0 })
        {
            AddOnce(problems, [.. configuration.VirtualServers.Where(v => v.SendsMail == true || v.RealServers.Any(r => r.SendsMail == true)).Select(v => v.Position)],
                "smtp_alert sends nothing: set smtp_server and notification_email in global_defs");
        }

        if (configuration.NetworkNamespace is not null || configuration.IpvsNamespace is not null)
            problems.Add(NotDone(configuration.Position, "net_namespace is not entered: start netvs in the namespace, with 'ip netns exec'"));
        certificate = LoadCertificate(configuration.Ssl, problems);
        return problems;
    }

    private static KeepalivedDiagnostic? FindPattern(HttpPage page) => PagePattern.FindProblem(page) is { } problem
        ? new KeepalivedDiagnostic { Position = page.Position, Severity = DiagnosticSeverity.Error, Class = ProblemClass.General, Message = problem, Advice = "see 'Checks' in docs/keepalived.md" }
        : null;

    private static X509Certificate2? LoadCertificate(SslContext? ssl, List<KeepalivedDiagnostic> problems)
    {
        if (ssl?.Certificate is not { } file) return null;
        try
        {
            return ssl.Password is { } password
                ? X509Certificate2.CreateFromEncryptedPemFile(file, password, ssl.Key)
                : X509Certificate2.CreateFromPemFile(file, ssl.Key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add(new KeepalivedDiagnostic
            {
                Position = ssl.Position, Severity = DiagnosticSeverity.Error, Class = ProblemClass.General,
                Message = $"SSL: the certificate {file} cannot be used: {e.Message}", Advice = "certificate and key are PEM files",
            });
            return null;
        }
    }

    private static void AddOnce(List<KeepalivedDiagnostic> problems, SourcePosition[] positions, string message)
    {
        if (positions.Length > 0) problems.Add(NotDone(positions[0], positions.Length == 1 ? message : $"{message} ({positions.Length} places)"));
    }

    private static KeepalivedDiagnostic NotDone(SourcePosition position, string message) =>
        new() { Position = position, Severity = DiagnosticSeverity.NotSupportedYet, Class = ProblemClass.None, Message = message };
}
