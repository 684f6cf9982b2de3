using NetVS.Control.Rules;
using NetVS.Keepalived;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Mapping;
using NetVS.Keepalived.Model;
using NetVS.Rules;

namespace NetVS.Control.Configuration;

/// <summary>A configuration on its way into force, before anything was changed.</summary>
public sealed class ConfigurationPlan
{
    private readonly List<KeepalivedDiagnostic> _problems;

    /// <summary>Begins with what the reader and the director say of it.</summary>
    public ConfigurationPlan(KeepalivedReading reading, KeepalivedCheck check)
    {
        Configuration = reading.Configuration;
        Mapped = check.Mapped;
        AllUp = Wanted = check.Rules;
        _problems = [.. check.Problems];
    }

    /// <summary>The configuration.</summary>
    public KeepalivedConfiguration Configuration { get; }

    /// <summary>Which virtual server makes which services.</summary>
    public KeepalivedRules Mapped { get; }

    /// <summary>The rules with every real server up, without what the director refuses.</summary>
    public RuleSet AllUp { get; }

    /// <summary>The rules that shall be in force; parts change them by what they know of the real servers.</summary>
    public RuleSet Wanted { get; set; }

    /// <summary>What is wrong with it. An error refuses it; anything else is said, and it is put in force.</summary>
    public IReadOnlyList<KeepalivedDiagnostic> Problems => _problems;

    /// <summary>Adds what a part has found.</summary>
    public void Add(KeepalivedDiagnostic problem) => _problems.Add(problem);
}
