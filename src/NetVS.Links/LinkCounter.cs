namespace NetVS.Links;

/// <summary>What a link counts. Each has a name for metrics in <see cref="LinkCounters.NameOf"/>.</summary>
public enum LinkCounter
{
    /// <summary>Frames received.</summary>
    ReceivedFrames,

    /// <summary>Octets of them, Ethernet header included.</summary>
    ReceivedOctets,

    /// <summary>Frames given to the kernel for sending.</summary>
    TransmittedFrames,

    /// <summary>Octets of them, Ethernet header included.</summary>
    TransmittedOctets,

    /// <summary>Frames the kernel lost because the receive ring was full.</summary>
    ReceiveRingFull,

    /// <summary>Times the kernel found no free room to receive into.</summary>
    FillRingEmpty,

    /// <summary>Frames the kernel could not deliver for other reasons (too long for the room).</summary>
    ReceiveRefused,

    /// <summary>Frames that came cut short: no room for their copy in the socket's queue.</summary>
    ReceiveTruncated,

    /// <summary>Frames with an offload nobody here understands.</summary>
    ReceiveUnknownOffload,

    /// <summary>Frames not sent because the transmit ring, or the socket's queue, was full.</summary>
    TransmitRingFull,

    /// <summary>Frames not sent because no chunk was free to copy them to.</summary>
    TransmitNoChunk,

    /// <summary>Frames not sent because they were longer than the link carries.</summary>
    TransmitTooLong,

    /// <summary>Frames not sent because the interface was down or gone.</summary>
    TransmitLinkDown,

    /// <summary>Frames the kernel refused to send for another reason.</summary>
    TransmitRefused,

    /// <summary>Frames whose segmentation was asked of a link that cannot have it done, and was not possible here.</summary>
    TransmitBadOffload,

    /// <summary>Received frames whose checksum the sender had left unfinished though the link cannot say so.</summary>
    UnfinishedChecksums,

    /// <summary>Checksums completed here before sending.</summary>
    CompletedChecksums,

    /// <summary>Frames cut into segments here before sending.</summary>
    SegmentedFrames,

    /// <summary>Calls that told the kernel to send.</summary>
    TransmitCalls,
}
