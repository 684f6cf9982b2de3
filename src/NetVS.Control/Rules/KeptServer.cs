using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Control.Rules;

/// <summary>A real server that an operator has added to a service, or taken out of it, whatever the file says.</summary>
/// <param name="Service">The service.</param>
/// <param name="Real">The real server.</param>
/// <param name="Rule">Its rule; null where it was taken out.</param>
public sealed record KeptServer(ServiceKey Service, IpEndpoint Real, DestinationRule? Rule)
{
    /// <summary>As a command line of ipvsadm: <c>-a …</c> or <c>-d …</c>.</summary>
    public override string ToString() => new RuleChange
    {
        Kind = Rule is null ? RuleChangeKind.DeleteDestination : RuleChangeKind.AddDestination, Service = Service, Destination = Rule ?? new DestinationRule { Real = Real },
    }.ToString();
}
