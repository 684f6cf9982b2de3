using NetVS.Bench.Parts;
using NetVS.Bench.Paths;

namespace NetVS.Bench;

/// <summary>What NetVS is to reach, in relation to another subject measured beside it, or, without one, in the metric's own unit.</summary>
internal sealed record BenchTarget
{
    private const string Redirect = "XDP redirect", Kernel = "kernel forwarding", Nftables = "nftables DNAT";
    private static readonly string s_nat = NetVsPath.TitleOf(NetVsMethod.Nat, "xdp");

    // TCP meets the hook that virtual devices get by default.
    private static readonly string s_tcp = NetVsPath.TitleOf(NetVsMethod.Nat, "tc");

    private static readonly BenchTarget[] s_all =
    [
        new() { Part = PacketsPart.Name, Metric = Metrics.PacketRate, Load = "1,000 flows", Subject = s_nat, Baseline = Redirect, IsAtLeast = true, Limit = 0.85 },
        new() { Part = PacketsPart.Name, Metric = Metrics.PacketRate, Load = "1,000,000 flows", Subject = s_nat, Baseline = Redirect, IsAtLeast = true, Limit = 0.75 },
        new() { Part = PacketsPart.Name, Metric = Metrics.PacketNetTime, Load = "1,000 flows", Subject = s_nat, Baseline = Nftables, Limit = 1.0 / 3 },
        new() { Part = PacketsPart.Name, Metric = Metrics.PacketNetTime, Load = "1,000,000 flows", Subject = s_nat, Baseline = Nftables, Limit = 0.2 },
        new() { Part = ProgramPart.Name, Metric = Metrics.ProgramTime, Load = "1 flow", Subject = s_nat, Limit = 45 },
        new() { Part = ProgramPart.Name, Metric = Metrics.ProgramTime, Load = "16,384 flows", Subject = s_nat, Limit = 75 },
        new() { Part = ProgramPart.Name, Metric = Metrics.ProgramTime, Load = "1,000,000 flows", Subject = s_nat, Limit = 150 },
        .. Bulk("1 connection"),
        .. Bulk("8 connections"),
        new() { Part = RequestsPart.Name, Metric = Metrics.RequestRate, Load = RequestsPart.NewConnections, Subject = s_tcp, Baseline = Nftables, IsAtLeast = true, Limit = 1 },
        .. AgainstProxy(HaproxyPath.Title),
        .. AgainstProxy(NginxStreamPath.Title),
        new() { Part = EnginePart.Name, Metric = Metrics.EngineTime, Load = "1,000,000 connections", Subject = "the same, expected ahead", Limit = 100 },
        new() { Part = EnginePart.Name, Metric = Metrics.EngineTime, Load = "1,000,000 connections", Subject = "new NAT connection, expected ahead", Limit = 500 },
    ];

    /// <summary>The part.</summary>
    public required string Part { get; init; }

    /// <summary>The metric.</summary>
    public required string Metric { get; init; }

    /// <summary>The load.</summary>
    public required string Load { get; init; }

    /// <summary>Whose value it is.</summary>
    public required string Subject { get; init; }

    /// <summary>The subject it is divided by; null for the value itself.</summary>
    public string? Baseline { get; init; }

    /// <summary>Whether more is better.</summary>
    public bool IsAtLeast { get; init; }

    /// <summary>What is to be reached.</summary>
    public required double Limit { get; init; }

    /// <summary>What it is about.</summary>
    public string Text => $"{Part}: {Metric}, {Load}: {Subject}{(Baseline is null ? "" : " / " + Baseline)}";

    /// <summary>What is to be reached, in words.</summary>
    public string Wanted => (IsAtLeast ? "at least " : "at most ") + BenchText.Ratio(Limit);

    /// <summary>What became of each target that a report has the rows for.</summary>
    public static IReadOnlyList<BenchVerdict> Judge(BenchReport report)
    {
        var verdicts = new List<BenchVerdict>();
        foreach (BenchTarget target in s_all)
        {
            BenchRow? row = report.Rows.FirstOrDefault(
                r => r.Part == target.Part && r.Metric == target.Metric && r.Load == target.Load && r.Subject == target.Subject);
            if (row is null) continue;
            double? value = target.Baseline is null ? row.Median : report.RatioTo(row, target.Baseline);
            if (value is { } measured) verdicts.Add(new BenchVerdict(target, measured));
        }

        return verdicts;
    }

    private static IEnumerable<BenchTarget> Bulk(string load) =>
    [
        new() { Part = BulkPart.Name, Metric = Metrics.Gigabits, Load = load, Subject = s_tcp, Baseline = Kernel, IsAtLeast = true, Limit = 0.97 },
        new() { Part = BulkPart.Name, Metric = Metrics.Gigabits, Load = load, Subject = s_tcp, Baseline = Nftables, IsAtLeast = true, Limit = 1 },
        new() { Part = BulkPart.Name, Metric = Metrics.SecondsPerGigabyte, Load = load, Subject = s_tcp, Baseline = Kernel, Limit = 1.03 },
        new() { Part = BulkPart.Name, Metric = Metrics.SecondsPerGigabyte, Load = load, Subject = s_tcp, Baseline = Nftables, Limit = 1 },
        new() { Part = BulkPart.Name, Metric = Metrics.Gigabits, Load = load, Subject = s_tcp, Baseline = HaproxyPath.Title, IsAtLeast = true, Limit = 1 },
        new() { Part = BulkPart.Name, Metric = Metrics.Gigabits, Load = load, Subject = s_tcp, Baseline = NginxStreamPath.Title, IsAtLeast = true, Limit = 1 },
    ];

    private static IEnumerable<BenchTarget> AgainstProxy(string proxy) =>
    [
        new() { Part = RequestsPart.Name, Metric = Metrics.RequestRate, Load = RequestsPart.NewConnections, Subject = s_tcp, Baseline = proxy, IsAtLeast = true, Limit = 2 },
        .. ((string[])["p50", "p99"]).SelectMany(p => (BenchTarget[])
        [
            new() { Part = RequestsPart.Name, Metric = Metrics.RequestLatency, Load = $"{RequestsPart.NewConnections}, {p}", Subject = s_tcp, Baseline = proxy, Limit = 1 },
            new() { Part = RequestsPart.Name, Metric = Metrics.ConnectionLatency, Load = $"{RequestsPart.NewConnections}, {p}", Subject = s_tcp, Baseline = proxy, Limit = 1 },
            new() { Part = RequestsPart.Name, Metric = Metrics.RequestLatency, Load = $"{RequestsPart.KeptConnections}, {p}", Subject = s_tcp, Baseline = proxy, Limit = 1 },
        ]),
    ];
}
