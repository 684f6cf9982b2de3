namespace NetVS.Linux.Netlink;

/// <summary>One message of a datagram from the kernel.</summary>
internal readonly ref struct NetlinkMessage(ushort type, ushort flags, uint sequence, ReadOnlySpan<byte> payload)
{
    /// <summary>RTM_* or NLMSG_*.</summary>
    public ushort Type { get; } = type;

    /// <summary>NLM_F_*.</summary>
    public ushort Flags { get; } = flags;

    /// <summary>The request it answers; 0 for notifications.</summary>
    public uint Sequence { get; } = sequence;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;
}
