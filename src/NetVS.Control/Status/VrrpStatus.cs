namespace NetVS.Control.Status;

/// <summary>VRRP on this host.</summary>
/// <param name="Instances">The instances, in the configuration's order.</param>
/// <param name="UnknownIds">Adverts for a virtual_router_id that no instance has.</param>
/// <param name="Malformed">Packets too damaged to be adverts.</param>
/// <param name="SendFailures">Adverts and announcements that the kernel did not take.</param>
public sealed record VrrpStatus(IReadOnlyList<VrrpInstanceStatus> Instances, long UnknownIds, long Malformed, long SendFailures)
{
    /// <summary>Nothing.</summary>
    public static VrrpStatus Empty { get; } = new([], 0, 0, 0);
}
