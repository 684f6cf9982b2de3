namespace NetVS.Linux.Bpf;

/// <summary>Where in the receive path an XDP program runs; the values are the kernel's flags (linux/if_link.h).</summary>
public enum XdpMode : uint
{
    /// <summary>XDP_FLAGS_SKB_MODE: after the kernel built its packet; works on every device, slower.</summary>
    Generic = 2,

    /// <summary>XDP_FLAGS_DRV_MODE: in the driver.</summary>
    Native = 4,
}
