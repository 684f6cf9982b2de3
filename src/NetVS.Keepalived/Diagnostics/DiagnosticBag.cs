using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Diagnostics;

/// <summary>Collects the problems of one configuration; bounded, and without repetitions.</summary>
internal sealed class DiagnosticBag
{
    private readonly List<KeepalivedDiagnostic> _items = [];
    private readonly HashSet<(SourcePosition, string)> _seen = [];

    /// <summary>What was collected, in the order in which it was found.</summary>
    public IReadOnlyList<KeepalivedDiagnostic> Items => _items;

    /// <summary>Problems beyond <see cref="LanguageLimits.Diagnostics"/>, that were not kept.</summary>
    public int Omitted { get; private set; }

    /// <summary>Whether more problems are only counted, so that it is no use to find advice for them.</summary>
    public bool IsFull => _items.Count >= LanguageLimits.Diagnostics;

    /// <summary>The highest class of all that counts.</summary>
    public ProblemClass Highest { get; private set; }

    /// <summary>Whether a parameter is missing somewhere: keepalived stops there, whatever else is wrong.</summary>
    public bool HasMissingParameter { get; private set; }

    /// <summary>From now on keepalived would have stopped: what follows does not count for the exit status.</summary>
    public bool IsBeyondStop { get; set; }

    /// <summary>Adds a problem; what stops everything is kept however many there are.</summary>
    public void Add(KeepalivedDiagnostic item)
    {
        if (IsBeyondStop) item = item with { IsBeyondStop = true };
        else if (item.Class > Highest) Highest = item.Class;
        HasMissingParameter |= item.Class == ProblemClass.MissingParameter;
        if (IsFull && item.Class != ProblemClass.MissingEnd)
        {
            Omitted++;
            return;
        }

        item = item with { Message = Cut(item.Message), Also = item.Also.Any(IsTooLong) ? [.. item.Also.Select(Cut)] : item.Also };
        if (_seen.Add((item.Position, item.Message))) _items.Add(item);
    }

    private static bool IsTooLong(string text) => text.Length > LanguageLimits.DiagnosticText;

    private static string Cut(string text) => IsTooLong(text) ? text[..LanguageLimits.DiagnosticText] + "…" : text;

    /// <summary>Adds an error.</summary>
    public void Error(SourcePosition position, string message, string? advice = null, ProblemClass kind = ProblemClass.General, params string[] also) =>
        Add(new KeepalivedDiagnostic
        {
            Position = position, Severity = DiagnosticSeverity.Error, Class = kind, Message = message, Advice = advice, Also = also,
        });

    /// <summary>Adds a warning: something is corrected, or doubtful.</summary>
    public void Warn(SourcePosition position, string message, string? advice = null, ProblemClass kind = ProblemClass.General) =>
        Add(new KeepalivedDiagnostic
        {
            Position = position, Severity = DiagnosticSeverity.Warning, Class = kind, Message = message, Advice = advice,
        });

    /// <summary>Adds a thing that is right and that NetVS does not do yet.</summary>
    public void NotSupported(SourcePosition position, string message, string? advice = null) =>
        Add(new KeepalivedDiagnostic
        {
            Position = position, Severity = DiagnosticSeverity.NotSupportedYet, Class = ProblemClass.None, Message = message, Advice = advice,
        });
}
