using NetVS.Director.Services;

namespace NetVS.Api.Contract;

/// <summary>What is wanted of a real server whatever its rule says.</summary>
internal sealed record OverrideBody
{
    /// <summary>The weight in force instead of the rule's; a drain's is 0.</summary>
    public int Weight { get; set; }

    /// <summary>Whether the real server is to become empty.</summary>
    public bool Drain { get; set; }

    /// <summary>Drain only: persistent clients get another real server with their next connection.</summary>
    public bool ReleasePersistence { get; set; }

    /// <summary>Drain only: after how many seconds the connections that are left are ended; null for never.</summary>
    public double? DeadlineSeconds { get; set; }
}

/// <summary>An override in force. SecondsLeft is null where there is no deadline.</summary>
internal sealed record OverrideReport(
    string Service, string Real, int Weight, bool Drain, bool ReleasePersistence, double? SecondsLeft, bool Over)
{
    public static OverrideReport Of(OverrideView view) => new(
        RuleText.Format(view.Service), view.Real.ToString(), view.Override.Weight, view.Override.IsDrain, view.Override.ReleasesPersistence,
        view.TimeLeft?.TotalSeconds, view.Override.IsOver);
}

/// <summary>All overrides, those of real servers that are not among the rules now too.</summary>
internal sealed record OverrideList(OverrideReport[] Overrides);
