// Reference §5.4, §5.5.
using NetVS.Health.Probes;
using NetVS.Keepalived.Keywords;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Checks;

/// <summary>Makes the checks of a real server from its blocks. Another kind of check is another case here, and a probe of its own.</summary>
internal static class CheckFactory
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    /// <summary>Makes the checks of one real server.</summary>
    public static IReadOnlyList<Check> Make(VirtualServer server, RealServer real, CheckContext context) =>
        [.. real.Checkers.SelectMany(c => Expand(c)).Select(c => Make(c, server, real, context)).OfType<Check>()];

    // The old form of SMTP_CHECK has a check for each of its host blocks.
    private static IEnumerable<Checker> Expand(Checker checker)
    {
        if (checker is not SmtpCheck { Hosts.Count: > 0 } smtp) return [checker];
        return smtp.Hosts.Select(h => smtp with { Options = h.Options, Hosts = [], Position = h.Position });
    }

    private static Check? Make(Checker checker, VirtualServer server, RealServer real, CheckContext context)
    {
        UserPath? path = UserPathRules.PathOf(checker, context.Configuration, server, real);
        var times = new Times(checker.Options.Times, real.Times, server.Times);
        var policy = new CheckPolicy
        {
            Interval = times.Interval,
            Warmup = times.Warmup ?? times.Interval,
            Retries = times.Retries ?? 1,
            RetryDelay = times.RetryDelay ?? s_second,
            StartsDown = checker.Options.StartsDown ?? real.StartsDown ?? server.StartsDown,
            LogsAllFailures = checker.Options.LogsAllFailures ?? context.Configuration.Global.Lvs.LogsAllFailures,
        };
        ProbeTarget Target() => new(checker.Options, real.Endpoint, times.ConnectTimeout, path, context.UserPaths);
        (CheckKind Kind, IProbe Probe, CheckPolicy Policy)? made = checker switch
        {
            TcpCheck => (CheckKind.Tcp, new TcpProbe(Target(), context.Connector), policy with { RetriesWhileDown = true }),
            SmtpCheck smtp => (CheckKind.Smtp, new SmtpProbe(Target(), smtp.HeloName), policy with { RetriesWhileDown = true, RetriesAtFirst = true }),
            HttpCheck { Pages.Count: > 0 } http => (
                http.IsSsl ? CheckKind.Ssl : CheckKind.Http,
                new HttpProbe(Target(), http, real.VirtualHost, server.VirtualHost, context.Certificate, http.VerifiesCertificate ? new TlsVerification(context.Authorities) : null),
                policy with { RetryDelay = times.RetryDelay ?? 3 * s_second, Steps = http.Pages.Count, NeedsWholePass = true, RecoversFast = http.RecoversFast }),
            DnsCheck dns => (CheckKind.Dns, new DnsProbe(Target(), dns), policy with { Retries = times.Retries ?? 3, RetryDelay = times.RetryDelay ?? times.Interval }),
            UdpCheck udp => (CheckKind.Udp, new UdpProbe(Target(), udp), policy),
            PingCheck => (CheckKind.Ping, new PingProbe(Target()), policy),
            MiscCheck { Script: not null } misc => (
                CheckKind.Misc,
                new MiscProbe(misc, context.ScriptPolicy, misc.Timeout ?? times.Interval, real.Weight ?? server.Weight),
                policy with { Retries = times.Retries ?? 0, CountsFromStart = true }),
            FileCheck file when context.Configuration.Files.Find(f => f.Name == file.File) is { } tracked => (
                CheckKind.File,
                new FileProbe(tracked, file.Weight ?? tracked.Weight, file.IsReversed ?? tracked.IsReversed),
                new CheckPolicy { Interval = FileProbe.Interval }),
            BfdCheck { Instance: { } name } => (
                CheckKind.Bfd, new BfdProbe(name, context.IsBfdUp), new CheckPolicy { Interval = BfdProbe.Interval, StartsDown = policy.StartsDown }),
            _ => null,
        };
        if (made is not { } parts) return null;
        IProbe probe = path is null ? parts.Probe : new UserPathProbe(parts.Probe, path, context.UserPaths!);
        if (server.SuspendsWithoutAddress && parts.Kind != CheckKind.File)
            probe = new SuspendingProbe(probe, () => server.Kind == VirtualServerKind.Address && context.IsLocal(server.Endpoint.Address));
        var check = new Check(checker, parts.Kind, probe, parts.Policy, CheckIdentity.Of(checker)) { Path = path };

        // A tracked file counts from the beginning (reference §7.1).
        if (parts.Probe is FileProbe first) check.Take(first.Ask(), TimeSpan.Zero, DateTimeOffset.UtcNow);
        return check;
    }

    /// <summary>Times of a check: its own, else the real server's, else the virtual server's.</summary>
    private readonly struct Times(CheckTimes own, CheckTimes real, CheckTimes server)
    {
        public TimeSpan Interval { get; } = own.Interval ?? real.Interval ?? server.Interval ?? VirtualServerDefaults.Interval;

        public TimeSpan ConnectTimeout { get; } = own.ConnectTimeout ?? real.ConnectTimeout ?? server.ConnectTimeout ?? VirtualServerDefaults.ConnectTimeout;

        public TimeSpan? Warmup { get; } = own.Warmup ?? real.Warmup ?? server.Warmup;

        public int? Retries { get; } = own.Retries ?? real.Retries ?? server.Retries;

        public TimeSpan? RetryDelay { get; } = own.RetryDelay ?? real.RetryDelay ?? server.RetryDelay;
    }
}
