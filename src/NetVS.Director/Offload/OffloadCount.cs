namespace NetVS.Director.Offload;

/// <summary>What is counted about the flow table.</summary>
internal enum OffloadCount
{
    /// <summary>Connections that were given lines.</summary>
    Installs = 0,

    /// <summary>Connections whose lines were taken back.</summary>
    Removals,

    /// <summary>Connections that found no room.</summary>
    RefusedFull,

    /// <summary>Connections one of whose directions another connection has already.</summary>
    RefusedTwin,

    /// <summary>Connections that the program cannot carry: no unicast way, no counter left for the destination.</summary>
    Unsuitable,

    /// <summary>Lines that were changed in place.</summary>
    Rewrites,

    /// <summary>Reports that moved a connection.</summary>
    Reports,

    /// <summary>Reports about connections that are gone.</summary>
    StaleReports,

    /// <summary>Lines whose count of reports had to be put right.</summary>
    Resyncs,

    /// <summary>Connections made from the lines of a director before this one.</summary>
    Adoptions,

    /// <summary>TCP connections in the table now.</summary>
    TcpNow,
}
