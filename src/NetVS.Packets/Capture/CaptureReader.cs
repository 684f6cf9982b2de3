namespace NetVS.Packets.Capture;

/// <summary>Opens capture files of either format.</summary>
public static class CaptureReader
{
    /// <summary>The largest packet that is believed, in octets: a file that claims more is broken (tcpdump's own limit).</summary>
    public const int MaxPacketLength = 262_144;

    /// <summary>Opens a capture by its first four octets: classic pcap or pcapng, either byte order.</summary>
    /// <param name="stream">Read forward only; the caller closes it.</param>
    /// <exception cref="CaptureFormatException">Neither format, or its header is broken.</exception>
    public static ICaptureReader Open(Stream stream)
    {
        var source = new CaptureSource(stream);
        Span<byte> magic = stackalloc byte[4];
        if (!source.TryRead(magic))
            throw new CaptureFormatException(0, "the file is empty: neither pcap nor pcapng");
        return PcapngReader.IsMagic(magic) ? new PcapngReader(source) : new PcapReader(source, magic);
    }
}
