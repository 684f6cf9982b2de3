using NetVS.Packets;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;

namespace NetVS.Rules;

/// <summary>One step from one set of rules to another.</summary>
public sealed record RuleChange
{
    /// <summary>What is done.</summary>
    public required RuleChangeKind Kind { get; init; }

    /// <summary>The service it is done to; <c>default</c> for SetMarks.</summary>
    public required ServiceKey Service { get; init; }

    /// <summary>The service as it shall be; AddService and EditService.</summary>
    public VirtualServiceRule? Rule { get; init; }

    /// <summary>The destination as it shall be, or that goes.</summary>
    public DestinationRule? Destination { get; init; }

    /// <summary>The local address that comes or goes.</summary>
    public IpAddress LocalAddress { get; init; }

    /// <summary>The mark rules as they shall be; SetMarks.</summary>
    public IReadOnlyList<MarkRule> Marks { get; init; } = [];

    /// <summary>The command of ipvsadm that takes this step; for SetMarks, which is none of ipvsadm's, one with the same messages.</summary>
    public IpvsadmVerb Verb => Kind switch
    {
        RuleChangeKind.SetMarks => IpvsadmVerb.SetTimeouts,
        RuleChangeKind.AddService => IpvsadmVerb.AddService,
        RuleChangeKind.EditService => IpvsadmVerb.EditService,
        RuleChangeKind.DeleteService => IpvsadmVerb.DeleteService,
        RuleChangeKind.AddDestination => IpvsadmVerb.AddServer,
        RuleChangeKind.EditDestination => IpvsadmVerb.EditServer,
        RuleChangeKind.DeleteDestination => IpvsadmVerb.DeleteServer,
        RuleChangeKind.AddLocalAddress => IpvsadmVerb.AddLocalAddress,
        _ => IpvsadmVerb.DeleteLocalAddress,
    };

    /// <summary>The step as an ipvsadm command line, thresholds included; SetMarks as the lines of a rules file.</summary>
    public override string ToString() => Kind switch
    {
        RuleChangeKind.SetMarks => Marks.Count == 0 ? "# no mark rules" : string.Join('\n', Marks.Select(m => $"mark {m}")),
        RuleChangeKind.AddService => SaveWriter.FormatService("-A", Rule!),
        RuleChangeKind.EditService => SaveWriter.FormatService("-E", Rule!),
        RuleChangeKind.DeleteService => $"-D {SaveWriter.FormatService(Service)}",
        RuleChangeKind.AddDestination => SaveWriter.FormatServer("-a", Service, Destination!),
        RuleChangeKind.EditDestination => SaveWriter.FormatServer("-e", Service, Destination!),
        RuleChangeKind.DeleteDestination => $"-d {SaveWriter.FormatService(Service)} -r {Destination!.Real}",
        RuleChangeKind.AddLocalAddress => $"-P {SaveWriter.FormatService(Service)} -z {LocalAddress}",
        _ => $"-Q {SaveWriter.FormatService(Service)} -z {LocalAddress}",
    };
}
