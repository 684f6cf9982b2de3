using NetVS.Director.Services;

namespace NetVS.Director.Tests.Services;

/// <summary>Remembers every set it was told, and refuses when told to.</summary>
internal sealed class RecordingDivertSink : IDivertSink
{
    public List<DivertRules> Applied { get; } = [];

    public DivertRules Last => Applied[^1];

    public bool Refuses { get; set; }

    /// <summary>Runs inside every Apply, so that a test can look at what workers see at that moment.</summary>
    public Action<DivertRules>? OnApply { get; set; }

    public void Apply(DivertRules rules)
    {
        if (Refuses) throw new DivertException("the map of virtual endpoints is full");
        Applied.Add(rules);
        OnApply?.Invoke(rules);
    }
}
