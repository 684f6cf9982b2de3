namespace NetVS.Packets.Capture;

/// <summary>Link types of captures (the "LINKTYPE_" registry of draft-ietf-opsawg-pcaplinktype); only Ethernet is supported.</summary>
internal static class LinkType
{
    public const uint Ethernet = 1;

    /// <summary>The registry's name for a link type, for messages.</summary>
    public static string NameOf(uint linkType) => linkType switch
    {
        0 => "NULL",
        1 => "ETHERNET",
        9 => "PPP",
        12 or 14 or 101 => "RAW (IP without a link header)",
        50 => "PPP_HDLC",
        104 => "C_HDLC",
        105 => "IEEE802_11",
        108 => "LOOP",
        113 => "LINUX_SLL (tcpdump -i any)",
        127 => "IEEE802_11_RADIOTAP",
        192 => "PPI",
        228 => "IPV4",
        229 => "IPV6",
        276 => "LINUX_SLL2 (tcpdump -i any)",
        _ => $"link type {linkType}",
    };

    /// <summary>Refuses what is not Ethernet, by name.</summary>
    public static void Require(uint linkType, long offset)
    {
        if (linkType == Ethernet) return;
        throw new CaptureFormatException(
            offset, $"the link type is {NameOf(linkType)}, but only ETHERNET is supported: capture on one Ethernet interface");
    }
}
