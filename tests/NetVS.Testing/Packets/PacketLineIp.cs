using System.Globalization;
using System.Text;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Testing.Packets;

/// <summary>The part of <see cref="PacketLine"/> from an IP header on; reads itself again for packets inside packets.</summary>
internal sealed class PacketLineIp(PacketLine line)
{
    private readonly List<Action<PacketBuilder>> _header = [];
    private IpAddress _source;
    private IpAddress _destination;
    private bool _isOutermost;
    private bool _isFragment;

    public PacketBuilder Read(byte ttl, bool isOutermost)
    {
        _isOutermost = isOutermost;
        string version = line.Take();
        if (version is not ("ipv4" or "ipv6")) throw new FormatException($"'ipv4' or 'ipv6' must stand where '{version}' is");
        _source = IpAddress.Parse(line.Take());
        line.Expect(">");
        _destination = IpAddress.Parse(line.Take());
        if (_source.Family != (version == "ipv4" ? IpFamily.V4 : IpFamily.V6)) throw new FormatException($"{_source} is not {version}");
        _header.Add(b => b.Ttl(ttl));
        while (TryReadField()) { }
        PacketBuilder builder = ReadL4(ttl);
        foreach (Action<PacketBuilder> apply in _header) apply(builder);
        if (isOutermost) line.ApplyLink(builder);
        return builder;
    }

    private bool TryReadField()
    {
        switch (line.Peek)
        {
            case "ttl": Number(n => b => b.Ttl((byte)n)); return true;
            case "tos": Number(n => b => b.Tos((byte)n)); return true;
            case "flow": Number(n => b => b.FlowLabel((uint)n)); return true;
            case "fragid":
                line.Take();
                line.FragmentId = (uint)line.TakeNumber();
                return true;
            case "df": Word(b => b.DontFragment()); return true;
            case "hbh": Word(b => b.HopByHop()); return true;
            case "dstopt": Word(b => b.DestinationOptions()); return true;
            case "rh": Word(b => b.Extension(IpProtocol.Routing, 0, 0, 0, 0, 0, 0)); return true;
            case "opts":
                line.Take();
                byte[] options = Convert.FromHexString(line.Take());
                _header.Add(b => b.IpOptions(options));
                return true;
            case "id": ReadId(); return true;
            case "frag": ReadFragment(); return true;
            default: return false;
        }
    }

    private void ReadId()
    {
        line.Take();
        if (line.TryTake("any"))
        {
            if (!_isOutermost) throw new FormatException("'id any' is for the outermost packet");
            line.TakeAnyId();
            return;
        }

        ushort id = (ushort)line.TakeNumber();
        _header.Add(b => b.Id(id));
        line.FragmentId = id;
    }

    private void ReadFragment()
    {
        line.Take();
        string place = line.Take();
        int offset = int.Parse(place.TrimEnd('+'), CultureInfo.InvariantCulture);
        _isFragment = true;
        _header.Add(b => b.Fragment(offset, place.EndsWith('+'), line.FragmentId));
    }

    private PacketBuilder ReadL4(byte ttl)
    {
        switch (line.Peek)
        {
            case "tcp":
            {
                (IpEndpoint from, IpEndpoint to) = ReadPorts();
                PacketBuilder tcp = PacketBuilder.Tcp(from, to, ReadFlags(line.Take()));
                while (TryReadTcp(tcp)) { }
                return ReadData(tcp);
            }

            case "udp": return ReadUdp(ttl);
            case "sctp": return ReadSctp();
            case "icmp": return ReadIcmp();
            case "gre": return ReadGre(ttl);
            case "proto":
                line.Take();
                return ReadData(PacketBuilder.Ip(_source, _destination, (byte)line.TakeNumber()));
            case "ipv4": return PacketBuilder.Ip(_source, _destination, 4).Encapsulate(Inner(ttl));
            case "ipv6": return PacketBuilder.Ip(_source, _destination, 41).Encapsulate(Inner(ttl));
            default: throw new FormatException($"no protocol begins with '{line.Peek}'");
        }
    }

    private (IpEndpoint Source, IpEndpoint Destination) ReadPorts()
    {
        if (_isFragment) throw new FormatException("a fragment is written with 'cut', or with 'proto'");
        line.Take();
        ushort source = 0;
        if (!line.TryTake("any")) source = (ushort)line.TakeNumber(PacketField.SourcePort);
        else line.TakeAnySourcePort();
        line.Expect(">");
        return (new IpEndpoint(_source, source), new IpEndpoint(_destination, (ushort)line.TakeNumber(PacketField.DestinationPort)));
    }

    private static TcpFlags ReadFlags(string word)
    {
        const string Letters = "FSRP.UEW";
        if (word == "none") return TcpFlags.None;
        var flags = TcpFlags.None;
        foreach (char letter in word)
        {
            int bit = Letters.IndexOf(letter, StringComparison.Ordinal);
            if (bit < 0) throw new FormatException($"'{word}' are no TCP flags");
            flags |= (TcpFlags)(1 << bit);
        }

        return flags;
    }

    private bool TryReadTcp(PacketBuilder tcp)
    {
        switch (line.Peek)
        {
            case "seq": line.Take(); tcp.Seq(line.TakeNumber(PacketField.Sequence)); return true;
            case "ack": line.Take(); tcp.AckNumber(line.TakeNumber(PacketField.Acknowledgment)); return true;
            case "win": line.Take(); tcp.Window((ushort)line.TakeNumber()); return true;
            case "urg": line.Take(); tcp.Urgent((ushort)line.TakeNumber()); return true;
            case "mss": line.Take(); tcp.Mss((ushort)line.TakeNumber()); return true;
            case "wscale": line.Take(); tcp.WindowScale((byte)line.TakeNumber()); return true;
            case "sackok": line.Take(); tcp.SackPermitted(); return true;
            case "nop": line.Take(); tcp.Nop(); return true;
            case "ts": line.Take(); tcp.Timestamps((uint)line.TakeNumber(), (uint)line.TakeNumber()); return true;
            case "toa": line.Take(); tcp.ClientAddress(Endpoints.Parse(line.Take())); return true;
            case "opt": line.Take(); tcp.Option(Convert.FromHexString(line.Take())); return true;
            case "sack":
                line.Take();
                ReadSack(tcp);
                return true;
            default: return false;
        }
    }

    private void ReadSack(PacketBuilder tcp)
    {
        List<(uint, uint)> blocks = [];
        foreach (string block in line.Take().Split(','))
        {
            string[] edges = block.Split('-');
            blocks.Add((uint.Parse(edges[0], CultureInfo.InvariantCulture), uint.Parse(edges[1], CultureInfo.InvariantCulture)));
        }

        tcp.Sack([.. blocks]);
    }

    private PacketBuilder ReadUdp(byte ttl)
    {
        (IpEndpoint from, IpEndpoint to) = ReadPorts();
        PacketBuilder udp = PacketBuilder.Udp(from, to);
        if (line.TryTake("nosum")) udp.NoChecksum();
        if (!line.TryTake("gue")) return ReadData(udp);
        byte[] options = [];
        if (line.TryTake("remcsum"))
            options = new OctetWriter().U32(0x8000_0000).U16((int)line.TakeNumber()).U16((int)line.TakeNumber()).ToArray();
        byte inner = line.Peek == "ipv6" ? (byte)41 : (byte)4;
        return udp.Encapsulate(Inner(ttl), [(byte)(options.Length / 4), inner, 0, (byte)(options.Length / 8), .. options]);
    }

    private PacketBuilder ReadSctp()
    {
        (IpEndpoint from, IpEndpoint to) = ReadPorts();
        string name = line.Take();
        int chunk = PacketDescriberL4.ChunkNames.ToList().IndexOf(name);
        if (chunk < 0) throw new FormatException($"'{name}' is no SCTP chunk");
        PacketBuilder sctp = PacketBuilder.Sctp(from.ToString(), to.ToString(), (SctpChunkType)chunk);
        if (line.TryTake("tag")) sctp.VerificationTag((uint)line.TakeNumber());
        if (line.TryTake("badsum")) sctp.BadChecksum();
        return ReadData(sctp);
    }

    private PacketBuilder ReadIcmp()
    {
        line.Take();
        string[] kind = line.Take().Split('/');
        byte type = byte.Parse(kind[0], CultureInfo.InvariantCulture), code = byte.Parse(kind[1], CultureInfo.InvariantCulture);
        uint rest = line.TryTake("rest") ? (uint)line.TakeNumber() : 0;
        PacketBuilder icmp = PacketBuilder.Icmp(_source, _destination, type, code, rest);
        if (line.TryTake("badsum")) icmp.BadChecksum();
        if (line.Peek is not { } word || !word.StartsWith("quote", StringComparison.Ordinal)) return ReadData(icmp);
        line.Take();
        byte[] quoted = Inner(64).BuildIp();
        if (word != "quote") quoted = quoted[..int.Parse(word["quote[".Length..^1], CultureInfo.InvariantCulture)];
        return icmp.Payload(quoted);
    }

    private PacketBuilder ReadGre(byte ttl)
    {
        line.Take();
        bool hasChecksum = line.TryTake("csum");
        int type = line.Peek == "ipv6" ? 0x86DD : 0x0800;
        byte[] inner = Inner(ttl).BuildIp();
        OctetWriter header = new OctetWriter().U16(hasChecksum ? 0x8000 : 0).U16(type);
        if (hasChecksum)
        {
            int sum = SlowChecksum.Sum([.. header.ToArray(), .. inner]) ^ 0xFFFF;
            header.U16(sum).U16(0);
        }

        return PacketBuilder.Ip(_source, _destination, 47).Payload([.. header.ToArray(), .. inner]);
    }

    private PacketBuilder ReadData(PacketBuilder builder)
    {
        while (true)
        {
            switch (line.Peek)
            {
                case "len": line.Take(); builder.Payload((int)line.TakeNumber()); break;
                case "data": line.Take(); builder.Payload(Convert.FromHexString(line.Take())); break;
                case "text": line.Take(); builder.Payload(Encoding.UTF8.GetBytes(line.Take())); break;
                case "line": line.Take(); builder.Payload(Encoding.UTF8.GetBytes(line.Take().Replace('_', ' ') + "\r\n")); break;
                case "badsum": line.Take(); builder.BadChecksum(); break;
                case "partial": line.Take(); builder.PartialChecksum(); break;
                case "gso":
                    line.Take();
                    builder.Gso(GsoKindOf(builder), (ushort)line.TakeNumber());
                    break;
                case "sumof":
                    line.Take();
                    IpEndpoint from = Endpoints.Parse(line.Take());
                    line.Expect(">");
                    builder.ChecksumOf(from, Endpoints.Parse(line.Take()));
                    break;
                default: return builder;
            }
        }
    }

    private GsoKind GsoKindOf(PacketBuilder builder) =>
        builder.Protocol == 17 ? GsoKind.UdpL4 : _source.Family == IpFamily.V4 ? GsoKind.TcpV4 : GsoKind.TcpV6;

    private PacketBuilder Inner(byte ttl) => new PacketLineIp(line).Read(ttl, false);

    private void Number(Func<long, Action<PacketBuilder>> make)
    {
        line.Take();
        _header.Add(make(line.TakeNumber()));
    }

    private void Word(Action<PacketBuilder> apply)
    {
        line.Take();
        _header.Add(apply);
    }
}
