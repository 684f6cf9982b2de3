namespace NetVS.RealServer;

/// <summary>The kinds of change; the names are in the record file.</summary>
internal enum StepKind
{
    /// <summary>A value under /proc/sys.</summary>
    Sysctl,

    /// <summary>An address of an interface.</summary>
    Address,

    /// <summary>The clsact qdisc of an interface.</summary>
    Qdisc,

    /// <summary>An eBPF filter at an interface's tc ingress.</summary>
    Program,
}
