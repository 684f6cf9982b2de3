using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>The part of <see cref="PacketChecker"/> behind the IP header.</summary>
/// <param name="faults">Where faults are added.</param>
/// <param name="offload">What is left unfinished on purpose; of the outermost packet.</param>
/// <param name="ipOffset">Where the IP header begins in the frame.</param>
internal sealed class L4Checker(List<string> faults, PacketOffload offload, int ipOffset)
{
    private int _depth;

    public void Check(int protocol, OctetReader l4, byte[] source, byte[] destination, int ipHeaderLength)
    {
        int l4Offset = ipOffset + ipHeaderLength;
        switch (protocol)
        {
            case 6: Tcp(l4, source, destination, l4Offset); break;
            case 17: Udp(l4, source, destination, l4Offset); break;
            case 1 when source.Length == 4: Icmp(l4, 0, l4.Length > 0 && l4.U8(0) is 3 or 4 or 5 or 11 or 12, 4); break;
            case 58 when source.Length == 16:
                Icmp(l4, SlowChecksum.PseudoHeader(source, destination, 58, l4.Length), l4.Length > 0 && l4.U8(0) < 128, 6);
                break;
            case 132: Sctp(l4); break;
            case 4 or 41: Inner(l4, protocol == 4 ? 4 : 6, l4Offset); break;
            case 47: Gre(l4, l4Offset); break;
        }
    }

    private void Tcp(OctetReader l4, byte[] source, byte[] destination, int offset)
    {
        if (l4.Length < 20)
        {
            faults.Add($"{l4.Length} octets are no TCP header");
            return;
        }

        int header = (l4.U8(12) >> 4) * 4;
        if (header < 20 || header > l4.Length) faults.Add($"TCP header length {header} of {l4.Length}");
        else Options(l4.First(header).From(20));
        Checksum("TCP", l4, SlowChecksum.PseudoHeader(source, destination, 6, l4.Length), 16, offset);
    }

    private void Options(OctetReader options)
    {
        for (int at = 0; at < options.Length;)
        {
            int kind = options.U8(at);
            if (kind == 0) return;
            int length = kind == 1 ? 1 : at + 1 < options.Length ? options.U8(at + 1) : 0;
            if (length == 0 || (kind != 1 && length < 2) || at + length > options.Length)
            {
                faults.Add($"TCP option {kind} at {at} has length {length}");
                return;
            }

            at += length;
        }
    }

    private void Udp(OctetReader l4, byte[] source, byte[] destination, int offset)
    {
        if (l4.Length < 8)
        {
            faults.Add($"{l4.Length} octets are no UDP header");
            return;
        }

        if (l4.U16(4) != l4.Length) faults.Add($"UDP length {l4.U16(4)}, but {l4.Length} octets are here");
        bool isGue = l4.U16(2) == 6080 && l4.Length > 12 && l4.U8(8) >> 5 == 0 && l4.U8(9) is 4 or 41;
        if (l4.U16(6) == 0)
        {
            // RFC 8200 §8.1 forbids 0 but for tunnels (RFC 6936).
            if (source.Length == 16 && !isGue) faults.Add("UDP checksum 0 over IPv6");
        }
        else
        {
            Checksum("UDP", l4, SlowChecksum.PseudoHeader(source, destination, 17, l4.Length), 6, offset);
        }

        int gue = isGue ? 12 + ((l4.U8(8) & 31) * 4) : 0;
        if (isGue && gue == 12) Inner(l4.From(gue), l4.U8(9) == 4 ? 4 : 6, offset + gue);
    }

    private void Icmp(OctetReader l4, int pseudo, bool isError, int version)
    {
        if (l4.Length < 8)
        {
            faults.Add($"{l4.Length} octets are no ICMP header");
            return;
        }

        if (SlowChecksum.Sum(l4.Octets, pseudo) != 0xFFFF) faults.Add("bad ICMP checksum");
        if (!isError) return;
        int before = faults.Count;
        PacketChecker.CheckIp(faults, l4.From(8), version, this, true);
        for (int i = before; i < faults.Count; i++) faults[i] = $"quoted: {faults[i]}";
    }

    private void Sctp(OctetReader l4)
    {
        if (l4.Length < 12)
        {
            faults.Add($"{l4.Length} octets are no SCTP header");
            return;
        }

        byte[] copy = [.. l4.Octets];
        copy.AsSpan(8, 4).Clear();
        uint crc = SlowChecksum.Crc32c(copy);
        for (int i = 0; i < 4; i++)
        {
            if (l4.U8(8 + i) == (byte)((crc >> (8 * i)) & 255)) continue;
            faults.Add("bad SCTP checksum");
            return;
        }
    }

    private void Gre(OctetReader l4, int offset)
    {
        bool hasChecksum = l4.Length >= 8 && (l4.U16(0) & 0x8000) != 0;
        int header = hasChecksum ? 8 : 4;
        if (l4.Length < header || (l4.U16(0) & 0x7FFF) != 0)
        {
            faults.Add("a GRE header that is cut or has unknown flags");
            return;
        }

        if (hasChecksum && SlowChecksum.Sum(l4.Octets) != 0xFFFF) faults.Add("bad GRE checksum");
        if (l4.U16(2) is 0x0800 or 0x86DD) Inner(l4.From(header), l4.U16(2) == 0x0800 ? 4 : 6, offset + header);
    }

    private void Inner(OctetReader ip, int version, int offset)
    {
        if (++_depth > 4) return;
        int before = faults.Count;
        int length = PacketChecker.CheckIp(faults, ip, version, new L4Checker(faults, offload, offset) { _depth = _depth }, false);
        if (length > 0 && length != ip.Length) faults.Add($"{ip.Length - length} octets behind the IP packet");
        for (int i = before; i < faults.Count; i++) faults[i] = $"inner: {faults[i]}";
    }

    private void Checksum(string name, OctetReader l4, int pseudo, int field, int offset)
    {
        bool isPartial = offload.NeedsChecksum && offload.ChecksumStart == offset;
        if (isPartial)
        {
            if (offload.ChecksumOffset != field) faults.Add($"{name}: the checksum is left open at {offload.ChecksumOffset}, not {field}");
            if (l4.U16(field) % 0xFFFF != pseudo % 0xFFFF) faults.Add($"{name}: the partial checksum is not the pseudo-header's sum");
            return;
        }

        if (offload.NeedsChecksum && _depth == 0 && name == "TCP") faults.Add($"the checksum is left open at {offload.ChecksumStart}, but {name} begins at {offset}");
        if (SlowChecksum.Sum(l4.Octets, pseudo) != 0xFFFF) faults.Add($"bad {name} checksum");
    }
}
