namespace NetVS.Api.Contract;

/// <summary>A destination with its numbers.</summary>
internal sealed record DestinationReport : DestinationBody
{
    public long ActiveConnections { get; set; }

    public long InactiveConnections { get; set; }

    public long PersistentConnections { get; set; }

    public bool Overloaded { get; set; }

    /// <summary>The weight that the rule asks for; <see cref="DestinationBody.Weight"/> is the one in force.</summary>
    public int ConfiguredWeight { get; set; }

    /// <summary>What is wanted of it whatever its rule says, or null.</summary>
    public OverrideReport? Override { get; set; }

    public required StatisticsBody Statistics { get; init; }
}

/// <summary>A local address with its numbers.</summary>
internal sealed record LocalAddressReport(string Address, long PortsInUse, long AllocationFailures);

/// <summary>A service with its numbers, destinations (newest first) and local addresses.</summary>
internal sealed record ServiceReport : ServiceBody
{
    public required StatisticsBody Statistics { get; init; }

    public required DestinationReport[] Destinations { get; init; }

    public required LocalAddressReport[] LocalAddresses { get; init; }
}

/// <summary>All services.</summary>
internal sealed record ServiceList(ServiceReport[] Services);

/// <summary>The local addresses of a service.</summary>
internal sealed record LocalAddressList(LocalAddressReport[] LocalAddresses);

/// <summary>A local address to add.</summary>
internal sealed record LocalAddressBody
{
    public required string Address { get; init; }
}

/// <summary>One connection. Local is set for FULLNAT only.</summary>
internal sealed record ConnectionReport(
    string Protocol, string Client, string Virtual, string? Local, string Real, string Method, string State,
    double ExpiresInSeconds, bool Active, string? EngineName = null, string? EngineData = null);

/// <summary>A page of connections; next is null on the last.</summary>
internal sealed record ConnectionList(ConnectionReport[] Connections, string? Next);

/// <summary>The three timeouts in seconds; 0 leaves one as it is when setting.</summary>
internal sealed record TimeoutsBody
{
    public int Tcp { get; set; }

    public int TcpFin { get; set; }

    public int Udp { get; set; }
}

/// <summary>One drop reason.</summary>
internal sealed record DropReport(string Reason, long Packets, string Meaning);

/// <summary>All drop reasons.</summary>
internal sealed record DropList(DropReport[] Drops);

/// <summary>One event that dropped no packet.</summary>
internal sealed record EventReport(string Event, long Count, string Meaning);

/// <summary>All events.</summary>
internal sealed record EventList(EventReport[] Events);

/// <summary>A helper at a port, with its control connections.</summary>
internal sealed record HelperReport(string Name, string Protocol, int Port, int Connections);

/// <summary>All helpers.</summary>
internal sealed record HelperList(HelperReport[] Helpers);

/// <summary>A setting with its range and meaning.</summary>
internal sealed record SettingReport(string Name, string Value, int Default, int Minimum, int Maximum, string Description);

/// <summary>All settings.</summary>
internal sealed record SettingList(SettingReport[] Settings);

/// <summary>A new value.</summary>
internal sealed record SettingBody
{
    public required string Value { get; init; }
}

/// <summary>The text of a rules file to compare with the rules in force.</summary>
internal sealed record RulesBody
{
    public required string Text { get; init; }

    public string File { get; set; } = "rules";
}

/// <summary>The steps of a reload, as ipvsadm command lines.</summary>
internal sealed record PlanReport(string[] Changes);

/// <summary>One problem of a rules file.</summary>
internal sealed record DiagnosticBody(string File, int Line, int Column, string Message);

/// <summary>Why a request was refused. Status is an errno's name; problems are those of a rules file.</summary>
internal sealed record ProblemBody(string Status, string? Detail, DiagnosticBody[]? Problems = null);

/// <summary>Version and listing title.</summary>
internal sealed record VersionReport(string Version, string Title);

/// <summary>One interface.</summary>
internal sealed record InterfaceReport(
    string Name, int Index, bool Attached, string Link, string Hook, string Copy, int Queues, string Reason,
    SortedDictionary<string, long> Counters);

/// <summary>The flow table of the fast path: lines in force and in all, then what has happened since the start.</summary>
internal sealed record FastPathReport(
    int FlowsV4, int CapacityV4, int FlowsV6, int CapacityV6, long Installs, long Removals, long RefusedFull, long RefusedTwin, long Unsuitable,
    long Rewrites, long Reports, long StaleReports, long Resyncs, long Adoptions);

/// <summary>What a part that a keepalived.conf configures has to say.</summary>
internal sealed record PartReport(string Name, string[] Lines);

/// <summary>The daemon at a glance. FastPath is null where the daemon runs without it.</summary>
internal sealed record StatusReport(
    string Version, int ProcessId, double UptimeSeconds, int Workers, long Connections, long MaxConnections, int Services,
    int Destinations, string? RulesFile, StatisticsBody Totals, TimeoutsBody Timeouts, InterfaceReport[] Interfaces,
    DropReport[] Drops, EventReport[] Events, HelperReport[] Helpers, SortedDictionary<string, long> Divert, FastPathReport? FastPath, SyncReport Sync, PartReport[] Parts,
    HealthReport? Health, VrrpReport? Vrrp);
