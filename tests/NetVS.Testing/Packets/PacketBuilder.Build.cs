using NetVS.Packets;

namespace NetVS.Testing.Packets;

public sealed partial class PacketBuilder
{
    /// <summary>The frame from its Ethernet header on.</summary>
    public byte[] Build() => Frame(BuildIp());

    /// <summary>The packet from its IP header on.</summary>
    public byte[] BuildIp() => _source.Family == IpFamily.V6 ? BuildIpv6(BuildL4()) : BuildIpv4(BuildL4());

    /// <summary>The packet's fragments for an IP MTU, as frames; one when it fits.</summary>
    /// <param name="ipMtu">Octets of the largest IP packet.</param>
    /// <param name="id">IPv6: the identification of the fragment header; IPv4 uses <see cref="Id"/>.</param>
    public IReadOnlyList<byte[]> BuildFragments(int ipMtu, uint id = 0)
    {
        byte[] l4 = BuildL4();
        bool isV6 = _source.Family == IpFamily.V6;
        int header = isV6 ? 40 + _extensions.Sum(e => e.Body.Length + 2) : 20 + _ipOptions.Length;
        if (header + l4.Length <= ipMtu) return [Build()];
        int room = ipMtu - header - (isV6 ? 8 : 0);
        if (room < 8) throw new ArgumentException($"no room for fragments in an IP MTU of {ipMtu}");
        List<byte[]> frames = [];
        int length;
        for (int offset = 0; offset < l4.Length; offset += length)
        {
            // RFC 791 §3.2: a rest that fits is sent whole; what is cut off before it is a multiple of 8.
            length = l4.Length - offset <= room ? l4.Length - offset : room / 8 * 8;
            var piece = (PacketBuilder)MemberwiseClone();
            piece._fragment = (offset, offset + length < l4.Length, isV6 ? id : _id);
            byte[] data = l4[offset..(offset + length)];
            frames.Add(piece.Frame(isV6 ? piece.BuildIpv6(data) : piece.BuildIpv4(data)));
        }

        return frames;
    }

    /// <summary>What a link would say about this frame: its unfinished checksum, its segments.</summary>
    public PacketOffload Offload()
    {
        if (_checksum != ChecksumMode.Partial) return default;
        int l3 = 14 + (4 * _tags.Count);
        int ip = _source.Family == IpFamily.V6 ? 40 + _extensions.Sum(e => e.Body.Length + 2) : 20 + _ipOptions.Length;
        int l4 = _protocol == 6 ? 20 + ((_tcpOptions.Count + 3) / 4 * 4) : 8;
        return new PacketOffload
        {
            NeedsChecksum = true,
            ChecksumStart = (ushort)(l3 + ip),
            ChecksumOffset = (ushort)(_protocol switch { 6 => 16, 17 => 6, _ => 2 }),
            Gso = _gso,
            GsoSize = _gsoSize,
            HeaderLength = (ushort)(l3 + ip + l4),
        };
    }

    private byte[] Frame(byte[] ip)
    {
        OctetWriter frame = new OctetWriter().Mac(_destinationMac).Mac(_sourceMac);
        foreach ((ushort type, ushort control) in _tags) frame.U16(type).U16(control);
        frame.U16(_source.Family == IpFamily.V6 ? 0x86DD : 0x0800).Octets(ip);
        while (_pad && frame.Length < 60) frame.U8(0xEE);
        return frame.ToArray();
    }

    private byte[] BuildIpv4(byte[] payload)
    {
        int headerLength = 20 + _ipOptions.Length;
        int flags = _dontFragment ? 0x4000 : 0;
        if (_fragment is { } fragment) flags |= (fragment.More ? 0x2000 : 0) | (fragment.Offset / 8);
        byte[] header = new OctetWriter().U8(0x40 | (headerLength / 4)).U8(_tos).U16(headerLength + payload.Length)
            .U16(_id).U16(flags).U8(_ttl).U8(_protocol).U16(0).Address(_source).Address(_destination)
            .Octets(_ipOptions).ToArray();
        int checksum = SlowChecksum.Sum(header) ^ 0xFFFF;
        header[10] = (byte)(checksum >> 8);
        header[11] = (byte)(checksum & 255);
        return [.. header, .. payload];
    }

    private byte[] BuildIpv6(byte[] payload)
    {
        List<(byte Kind, byte[] Body)> chain = [.. _extensions];
        if (_fragment is { } fragment)
        {
            byte[] body = new OctetWriter().U16(fragment.Offset | (fragment.More ? 1 : 0)).U32(fragment.Id).ToArray();
            chain.Add((44, body));
        }

        var extensions = new OctetWriter();
        for (int i = 0; i < chain.Count; i++)
        {
            (byte kind, byte[] body) = chain[i];
            int length = kind switch
            {
                44 => 0,
                51 => ((body.Length + 2) / 4) - 2,
                _ => ((body.Length + 2) / 8) - 1,
            };
            extensions.U8(i + 1 < chain.Count ? chain[i + 1].Kind : _protocol).U8(length).Octets(body);
        }

        return new OctetWriter().U32(0x6000_0000u | ((uint)_tos << 20) | _flowLabel)
            .U16(extensions.Length + payload.Length).U8(chain.Count > 0 ? chain[0].Kind : _protocol).U8(_ttl)
            .Address(_source).Address(_destination).Octets(extensions.ToArray()).Octets(payload).ToArray();
    }
}
