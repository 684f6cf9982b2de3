namespace NetVS.Linux.Bpf;

/// <summary>Places in a control group where a program can be attached; the values are enum bpf_attach_type's.</summary>
public enum ControlGroupHook
{
    /// <summary>BPF_CGROUP_SOCK_OPS: events of TCP sockets. Minimum kernel: 4.13.</summary>
    SocketOperations = 3,

    /// <summary>BPF_CGROUP_INET4_GETPEERNAME: getpeername() and accept() of AF_INET sockets. Minimum kernel: 5.8.</summary>
    PeerName4 = 29,

    /// <summary>BPF_CGROUP_INET6_GETPEERNAME: the same for AF_INET6 sockets.</summary>
    PeerName6 = 30,
}
