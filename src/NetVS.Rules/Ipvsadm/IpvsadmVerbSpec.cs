using O = NetVS.Rules.Ipvsadm.IpvsadmOption;

namespace NetVS.Rules.Ipvsadm;

/// <summary>A command of ipvsadm: how it is written and which options it takes. Everything not listed is illegal with it.</summary>
/// <param name="Verb">The command.</param>
/// <param name="Name">Its name in complaints.</param>
/// <param name="Required">Options it cannot do without.</param>
/// <param name="Allowed">Options it may have.</param>
/// <param name="Exclusive">Options of which it may have at most one.</param>
internal sealed record IpvsadmVerbSpec(
    IpvsadmVerb Verb, string Name, IpvsadmOption[] Required, IpvsadmOption[] Allowed, IpvsadmOption[] Exclusive)
{
    private static readonly IpvsadmOption[] s_service =
        [O.Scheduler, O.Persistent, O.Netmask, O.OnePacket, O.PersistenceEngine, O.SchedulerFlags, O.ServiceOption];

    private static readonly IpvsadmOption[] s_server =
    [
        O.ForwardingMethod, O.Weight, O.UpperThreshold, O.LowerThreshold, O.TunnelType, O.TunnelPort,
        O.TunnelNoChecksum, O.TunnelChecksum, O.TunnelRemoteChecksum,
    ];

    private static readonly Dictionary<IpvsadmVerb, IpvsadmVerbSpec> s_table = new IpvsadmVerbSpec[]
    {
        new(IpvsadmVerb.AddService, "add-service", [O.ServiceAddress], s_service, []),
        new(IpvsadmVerb.EditService, "edit-service", [O.ServiceAddress], s_service, []),
        new(IpvsadmVerb.DeleteService, "delete-service", [O.ServiceAddress], [], []),
        new(IpvsadmVerb.Flush, "flush", [], [], []),
        new(IpvsadmVerb.List, "list", [],
            [O.Numeric, O.Exact, O.Stats, O.Rate, O.Thresholds, O.PersistentConn, O.NoSort, O.TunnelInfo],
            [O.Connection, O.ServiceAddress, O.Timeout, O.Daemon]),
        new(IpvsadmVerb.AddServer, "add-server", [O.ServiceAddress, O.RealServer], s_server, []),
        new(IpvsadmVerb.DeleteServer, "delete-server", [O.ServiceAddress, O.RealServer], [], []),
        new(IpvsadmVerb.EditServer, "edit-server", [O.ServiceAddress, O.RealServer], s_server, []),
        new(IpvsadmVerb.SetTimeouts, "set", [], [], []),
        new(IpvsadmVerb.StartDaemon, "start-daemon", [],
            [O.McastInterface, O.SyncId, O.McastGroup, O.McastPort, O.McastTtl, O.SyncMaxlen], []),
        new(IpvsadmVerb.StopDaemon, "stop-daemon", [], [O.SyncId], []),
        new(IpvsadmVerb.Restore, "restore", [], [], []),
        new(IpvsadmVerb.Save, "save", [], [O.Numeric], []),
        new(IpvsadmVerb.Zero, "zero", [], [O.ServiceAddress], []),
        new(IpvsadmVerb.AddLocalAddress, "add-laddr", [O.ServiceAddress, O.LocalAddress], [], []),
        new(IpvsadmVerb.DeleteLocalAddress, "del-laddr", [O.ServiceAddress, O.LocalAddress], [], []),
        new(IpvsadmVerb.ListLocalAddresses, "get-laddr", [], [O.ServiceAddress, O.Numeric], []),
        new(IpvsadmVerb.Help, "help", [], [], []),
        new(IpvsadmVerb.Version, "version", [], [], []),
    }.ToDictionary(spec => spec.Verb);

    /// <summary>The specification of a command.</summary>
    public static IpvsadmVerbSpec Of(IpvsadmVerb verb) => s_table[verb];

    /// <summary>The first complaint about the set of options given, or null (reference §12.4: "Generic, in this order of checking").</summary>
    public (string Text, IpvsadmOption Blame)? Check(ICollection<IpvsadmOption> given)
    {
        IpvsadmOption? exclusive = null;
        for (int i = 0; i < IpvsadmOptionNames.Count; i++)
        {
            var option = (IpvsadmOption)i;
            if (Required.Contains(option))
            {
                if (!given.Contains(option))
                    return ($"You need to supply the '{option.Name()}' option for the '{Name}' command", option);
            }
            else if (given.Contains(option))
            {
                if (Exclusive.Contains(option))
                {
                    if (exclusive is { } earlier)
                        return ($"The option '{option.Name()}' conflicts with the '{earlier.Name()}' option in the '{Name}' command", option);
                    exclusive = option;
                }
                else if (!Allowed.Contains(option))
                {
                    return ($"Illegal '{option.Name()}' option with the '{Name}' command", option);
                }
            }
        }

        return null;
    }
}
