namespace NetVS.Linux.Bpf;

/// <summary>A side of the clsact qdisc; the values are enum bpf_tc_attach_point's.</summary>
[Flags]
public enum TcDirection
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>Packets that come in.</summary>
    Ingress = 1,

    /// <summary>Packets that go out.</summary>
    Egress = 2,
}
