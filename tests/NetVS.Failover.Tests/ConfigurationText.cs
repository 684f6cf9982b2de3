using System.Text;
using NetVS.Failover.Bfd;
using NetVS.Failover.Plan;
using NetVS.Keepalived;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Hosts;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;

namespace NetVS.Failover.Tests;

/// <summary>Makes plans of text.</summary>
internal sealed class ConfigurationText : IConfigurationFiles
{
    private readonly string _text;

    private ConfigurationText(string text) => _text = text;

    public static FailoverPlan Plan(string text) => Plan(text, out _);

    public static FailoverPlan Plan(string text, out PlanProblems problems)
    {
        problems = new PlanProblems();
        return FailoverPlanner.Plan(ReadText(text), problems);
    }

    public static IReadOnlyList<BfdPlan> BfdPlans(string text, out PlanProblems problems)
    {
        problems = new PlanProblems();
        return BfdPlan.Of(ReadText(text), problems);
    }

    private static KeepalivedConfiguration ReadText(string text)
    {
        KeepalivedReading reading = KeepalivedReader.Read("t.conf", new ConfigurationText(text), AnyHost.Instance, new ReaderOptions());
        reading.Problems.Where(p => p.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
        return reading.Configuration;
    }

    public FileReading Read(string path) => new(FileStatus.Read, Encoding.UTF8.GetBytes(_text));

    public IReadOnlyList<string>? ListDirectory(string path) => null;
}
