using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;

namespace NetVS.Failover.Plan;

/// <summary>What a plan cannot do, by places in the configuration.</summary>
public sealed class PlanProblems
{
    private readonly List<KeepalivedDiagnostic> _items = [];

    /// <summary>The problems.</summary>
    public IReadOnlyList<KeepalivedDiagnostic> Items => _items;

    /// <summary>Notes what must not be put in force: doing without it would be another configuration.</summary>
    public void Refuse(SourcePosition position, string message, string advice) => Add(position, message, advice, DiagnosticSeverity.Error);

    /// <summary>Notes what is left out.</summary>
    public void LeaveOut(SourcePosition position, string message, string advice) => Add(position, message, advice, DiagnosticSeverity.NotSupportedYet);

    private void Add(SourcePosition position, string message, string advice, DiagnosticSeverity severity) => _items.Add(new KeepalivedDiagnostic
    {
        Position = position, Message = message, Advice = advice, Severity = severity, Class = ProblemClass.None,
    });
}
