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
    public static IReadOnlyList<KeepalivedDiagnostic> Find(KeepalivedConfiguration configuration) => Find(configuration, out _, out _);

    /// <summary>Finds them, and loads the certificate that this host shows in SSL checks, and those of the authorities it trusts there.</summary>
    internal static List<KeepalivedDiagnostic> Find(KeepalivedConfiguration configuration, out X509Certificate2? certificate, out X509Certificate2Collection? authorities)
    {
        var problems = new List<KeepalivedDiagnostic>();
        foreach ((VirtualServer server, RealServer real, Checker checker) in configuration.VirtualServers.SelectMany(v => v.RealServers.SelectMany(r => r.Checkers.Select(c => (v, r, c)))))
        {
            if (checker is HttpCheck { OffersHttp2: true } two) problems.AddRange(two.Pages.Select(p => FindHttp2(p, HttpProbe.FindHost(two, p, real.VirtualHost, server.VirtualHost))).OfType<KeepalivedDiagnostic>());
            if (checker is HttpCheck http) problems.AddRange(http.Pages.Where(p => p.Pattern is not null).Select(FindPattern).OfType<KeepalivedDiagnostic>());
            if (checker is DnsCheck { Answers.Count: > 0 } dns && FindAnswer(dns) is { } problem) problems.Add(problem);
            if (checker is HttpCheck { IsSsl: false, VerifiesCertificate: true }) problems.Add(Wrong(checker.Position, "netvs_tls_verify: HTTP_GET sees no certificate", "write SSL_GET"));
        }

        problems.AddRange(UserPathRules.FindProblems(configuration));
        GlobalDefinitions global = configuration.Global;
        if (global.Mail is not { Server: not null, Recipients.Count: > 0 })
        {
            AddOnce(problems, [.. configuration.VirtualServers.Where(v => v.SendsMail == true || v.RealServers.Any(r => r.SendsMail == true)).Select(v => v.Position)],
                "smtp_alert sends nothing: set smtp_server and notification_email in global_defs");
        }

        if (configuration.NetworkNamespace is not null || configuration.IpvsNamespace is not null)
            problems.Add(NotDone(configuration.Position, "net_namespace is not entered: start netvs in the namespace, with 'ip netns exec'"));
        certificate = LoadCertificate(configuration.Ssl, problems);
        authorities = LoadAuthorities(configuration.Ssl, problems);
        return problems;
    }

    private static KeepalivedDiagnostic? FindPattern(HttpPage page) => PagePattern.FindProblem(page) is { } problem
        ? Wrong(page.Position, problem, "see 'Checks' in docs/keepalived.md")
        : null;

    private static KeepalivedDiagnostic? FindHttp2(HttpPage page, string? host) => Http2Exchange.FindProblem(page.Path ?? "", host) is { } problem
        ? Wrong(page.Position, $"http_protocol 2: {problem}", "see 'HTTP/2' in docs/keepalived.md")
        : null;

    private static KeepalivedDiagnostic? FindAnswer(DnsCheck check)
    {
        if (!DnsAnswer.Comparable.Contains(check.Type)) return Wrong(check.Position, $"netvs_answer: records of type {check.Type} are not compared", $"ask for one of {string.Join(", ", DnsAnswer.Comparable)}");
        return check.Answers.Find(a => DnsAnswer.Normalise(a, check.Type) is null) is { } bad ? Wrong(check.Position, $"netvs_answer: '{bad}' is no {check.Type} record", "write an address of that family") : null;
    }

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
            problems.Add(Wrong(ssl.Position, $"SSL: the certificate {file} cannot be used: {e.Message}", "certificate and key are PEM files"));
            return null;
        }
    }

    private static X509Certificate2Collection? LoadAuthorities(SslContext? ssl, List<KeepalivedDiagnostic> problems)
    {
        if (ssl?.Authorities is not { } file) return null;
        string reason = "it holds no certificate";
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(file);
            if (authorities.Count > 0) return authorities;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            reason = e.Message;
        }

        problems.Add(Wrong(ssl.Position, $"SSL: the authorities in {file} cannot be used: {reason}", "ca is a PEM file"));
        return null;
    }

    private static void AddOnce(List<KeepalivedDiagnostic> problems, SourcePosition[] positions, string message)
    {
        if (positions.Length > 0) problems.Add(NotDone(positions[0], positions.Length == 1 ? message : $"{message} ({positions.Length} places)"));
    }

    private static KeepalivedDiagnostic Wrong(SourcePosition position, string message, string advice) =>
        new() { Position = position, Severity = DiagnosticSeverity.Error, Class = ProblemClass.General, Message = message, Advice = advice };

    private static KeepalivedDiagnostic NotDone(SourcePosition position, string message) =>
        new() { Position = position, Severity = DiagnosticSeverity.NotSupportedYet, Class = ProblemClass.None, Message = message };
}
