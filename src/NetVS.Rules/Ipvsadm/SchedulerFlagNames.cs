namespace NetVS.Rules.Ipvsadm;

/// <summary>The names of scheduler flags at the command line and in listings.</summary>
public static class SchedulerFlagNames
{
    /// <summary>Reads a name; <paramref name="scheduler"/> is the only scheduler it may be used with, or null for any.</summary>
    public static bool TryParse(string name, out ServiceFlags flag, out string? scheduler)
    {
        (flag, scheduler) = name switch
        {
            "flag-1" => (ServiceFlags.Scheduler1, null),
            "flag-2" => (ServiceFlags.Scheduler2, null),
            "flag-3" => (ServiceFlags.Scheduler3, null),
            "sh-fallback" => (ServiceFlags.Scheduler1, "sh"),
            "sh-port" => (ServiceFlags.Scheduler2, "sh"),
            "mh-fallback" => (ServiceFlags.Scheduler1, "mh"),
            "mh-port" => (ServiceFlags.Scheduler2, "mh"),
            _ => (ServiceFlags.None, (string?)null),
        };
        return flag != ServiceFlags.None;
    }

    /// <summary>The flags of a service, comma separated, as ipvsadm prints them; empty when there are none.</summary>
    public static string Format(VirtualServiceRule rule)
    {
        bool isNamed = rule.Scheduler is "sh" or "mh";
        var names = new List<string>(3);
        if (rule.Flags.HasFlag(ServiceFlags.Scheduler1)) names.Add(isNamed ? rule.Scheduler + "-fallback" : "flag-1");
        if (rule.Flags.HasFlag(ServiceFlags.Scheduler2)) names.Add(isNamed ? rule.Scheduler + "-port" : "flag-2");
        if (rule.Flags.HasFlag(ServiceFlags.Scheduler3) && !isNamed) names.Add("flag-3");
        return string.Join(',', names);
    }
}
