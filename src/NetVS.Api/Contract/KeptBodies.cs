using NetVS.Control.Rules;

namespace NetVS.Api.Contract;

/// <summary>A real server that was added, or taken out, for good. Rule is a command line of ipvsadm.</summary>
internal sealed record KeptReport(string Service, string Real, bool Added, string Rule)
{
    public static KeptReport Of(KeptServer kept) => new(RuleText.Format(kept.Service), kept.Real.ToString(), kept.Rule is not null, kept.ToString());
}

/// <summary>All of them, those of services that are not there now too.</summary>
internal sealed record KeptList(KeptReport[] Kept);
