namespace NetVS.Rules.Ipvsadm;

/// <summary>The names by which ipvsadm's complaints call its options (reference §12.2).</summary>
internal static class IpvsadmOptionNames
{
    private static readonly string[] s_names =
    [
        "numeric", "connection", "service-address", "scheduler", "persistent", "netmask", "real-server",
        "forwarding-method", "weight", "u-threshold", "l-threshold", "mcast-interface", "timeout", "daemon", "stats",
        "rate", "thresholds", "persistent-conn", "nosort", "syncid", "exact", "ops", "pe", "sched-flags",
        "mcast-group", "mcast-port", "mcast-ttl", "sync-maxlen", "tun-info", "tun-type", "tun-port", "tun-nocsum",
        "tun-csum", "tun-remcsum", "local-address", "service-option",
    ];

    /// <summary>How many options there are.</summary>
    public static int Count => s_names.Length;

    /// <summary>The option's name in complaints.</summary>
    public static string Name(this IpvsadmOption option) => s_names[(int)option];
}
