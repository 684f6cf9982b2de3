using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Testing.Packets;

/// <summary>Builds frames for tests, with checksums of its own (<see cref="SlowChecksum"/>).</summary>
/// <remarks>
/// <code>
/// byte[] frame = PacketBuilder.Tcp("203.0.113.7:40000", "10.0.0.1:80", TcpFlags.Syn).Seq(1).Mss(1460).Build();
/// </code>
/// Defaults: MACs 02:00:00:00:00:01 to 02:00:00:00:00:02, TTL 64, identification 0, no DF, window 65535, no payload.
/// Build may be called several times; what it returns is the caller's.
/// </remarks>
public sealed partial class PacketBuilder
{
    private readonly List<(ushort Type, ushort Control)> _tags = [];
    private readonly List<(byte Kind, byte[] Body)> _extensions = [];
    private MacAddress _sourceMac = new(0x0200_0000_0001);
    private MacAddress _destinationMac = new(0x0200_0000_0002);
    private IpAddress _source;
    private IpAddress _destination;
    private byte[] _ipOptions = [];
    private byte _ttl = 64;
    private byte _tos;
    private ushort _id;
    private uint _flowLabel;
    private bool _dontFragment;
    private (int Offset, bool More, uint Id)? _fragment;
    private bool _pad;

    private PacketBuilder(byte protocol, IpAddress source, IpAddress destination)
    {
        if (source.Family != destination.Family) throw new ArgumentException($"{source} and {destination} are of two families");
        _protocol = protocol;
        _source = source;
        _destination = destination;
    }

    /// <summary>A TCP segment.</summary>
    public static PacketBuilder Tcp(IpEndpoint source, IpEndpoint destination, TcpFlags flags) =>
        new(6, source.Address, destination.Address) { _sourcePort = source.Port, _destinationPort = destination.Port, _flags = flags };

    /// <summary>A TCP segment.</summary>
    public static PacketBuilder Tcp(string source, string destination, TcpFlags flags) =>
        Tcp(Endpoints.Parse(source), Endpoints.Parse(destination), flags);

    /// <summary>A UDP datagram.</summary>
    public static PacketBuilder Udp(IpEndpoint source, IpEndpoint destination) =>
        new(17, source.Address, destination.Address) { _sourcePort = source.Port, _destinationPort = destination.Port };

    /// <summary>A UDP datagram.</summary>
    public static PacketBuilder Udp(string source, string destination) =>
        Udp(Endpoints.Parse(source), Endpoints.Parse(destination));

    /// <summary>An SCTP packet with one chunk; the payload is the chunk's value.</summary>
    public static PacketBuilder Sctp(string source, string destination, SctpChunkType chunk)
    {
        IpEndpoint from = Endpoints.Parse(source), to = Endpoints.Parse(destination);
        return new PacketBuilder(132, from.Address, to.Address)
        {
            _sourcePort = from.Port, _destinationPort = to.Port, _chunk = (byte)chunk,
        };
    }

    /// <summary>An ICMP or ICMPv6 message, by the family of the addresses.</summary>
    /// <param name="source">The source address.</param>
    /// <param name="destination">The destination address.</param>
    /// <param name="type">The type.</param>
    /// <param name="code">The code.</param>
    /// <param name="rest">The second word: MTU, or identifier and sequence.</param>
    public static PacketBuilder Icmp(IpAddress source, IpAddress destination, byte type, byte code, uint rest = 0) =>
        new(source.Family == IpFamily.V6 ? (byte)58 : (byte)1, source, destination) { _type = type, _code = code, _rest = rest };

    /// <summary>An ICMP or ICMPv6 message, by the family of the addresses.</summary>
    public static PacketBuilder Icmp(string source, string destination, byte type, byte code, uint rest = 0) =>
        Icmp(IpAddress.Parse(source), IpAddress.Parse(destination), type, code, rest);

    /// <summary>An ICMP error that quotes a packet (its octets from the IP header on).</summary>
    public static PacketBuilder IcmpError(string source, string destination, byte type, byte code, ReadOnlySpan<byte> quote, uint rest = 0) =>
        Icmp(source, destination, type, code, rest).Payload(quote);

    /// <summary>An IP packet of any protocol; the payload is all of its L4.</summary>
    public static PacketBuilder Ip(IpAddress source, IpAddress destination, byte protocol) => new(protocol, source, destination) { _isRaw = true };

    /// <summary>An IP packet of any protocol; the payload is all of its L4.</summary>
    public static PacketBuilder Ip(string source, string destination, byte protocol) =>
        Ip(IpAddress.Parse(source), IpAddress.Parse(destination), protocol);

    /// <summary>An ARP frame.</summary>
    public static byte[] Arp(ushort operation, MacAddress senderMac, Ipv4Address sender, MacAddress targetMac, Ipv4Address target) =>
        new OctetWriter()
            .Mac(operation == 1 ? MacAddress.Broadcast : targetMac).Mac(senderMac).U16(0x0806)
            .U16(1).U16(0x0800).U8(6).U8(4).U16(operation)
            .Mac(senderMac).Address(sender).Mac(targetMac).Address(target).ToArray();

    /// <summary>Sets the MACs.</summary>
    public PacketBuilder Macs(MacAddress source, MacAddress destination)
    {
        (_sourceMac, _destinationMac) = (source, destination);
        return this;
    }

    /// <summary>Sets the MACs.</summary>
    public PacketBuilder Macs(string source, string destination)
    {
        if (!MacAddress.TryParse(source, out MacAddress from) || !MacAddress.TryParse(destination, out MacAddress to))
            throw new FormatException($"not MAC addresses: {source} {destination}");
        return Macs(from, to);
    }

    /// <summary>Adds a VLAN tag behind those already added.</summary>
    public PacketBuilder Vlan(ushort id, int priority = 0, ushort type = EtherType.Vlan)
    {
        _tags.Add((type, (ushort)((priority << 13) | id)));
        return this;
    }

    /// <summary>Sets TTL or hop limit.</summary>
    public PacketBuilder Ttl(byte ttl)
    {
        _ttl = ttl;
        return this;
    }

    /// <summary>Sets TOS or traffic class.</summary>
    public PacketBuilder Tos(byte tos)
    {
        _tos = tos;
        return this;
    }

    /// <summary>Sets IPv4's identification.</summary>
    public PacketBuilder Id(ushort id)
    {
        _id = id;
        return this;
    }

    /// <summary>Sets the IPv6 flow label.</summary>
    public PacketBuilder FlowLabel(uint label)
    {
        _flowLabel = label;
        return this;
    }

    /// <summary>Sets IPv4's DF.</summary>
    public PacketBuilder DontFragment(bool value = true)
    {
        _dontFragment = value;
        return this;
    }

    /// <summary>Makes the packet a fragment (v4: header fields; v6: a fragment header before the L4 header).</summary>
    /// <param name="offset">In octets, a multiple of 8.</param>
    /// <param name="more">Whether more fragments follow.</param>
    /// <param name="id">The identification.</param>
    public PacketBuilder Fragment(int offset, bool more, uint id = 0)
    {
        _fragment = (offset, more, id);
        if (_source.Family == IpFamily.V4) _id = (ushort)id;
        return this;
    }

    /// <summary>Sets IPv4 options: a multiple of 4 octets, at most 40.</summary>
    public PacketBuilder IpOptions(params byte[] options)
    {
        if (options.Length % 4 != 0 || options.Length > 40) throw new ArgumentException("options are 0..40 octets in steps of 4");
        _ipOptions = options;
        return this;
    }

    /// <summary>Adds an IPv6 extension header: its kind, and its octets behind next header and length (6 more than a multiple of 8).</summary>
    public PacketBuilder Extension(IpProtocol kind, params byte[] body)
    {
        if ((body.Length + 2) % (kind == IpProtocol.Ah ? 4 : 8) != 0) throw new ArgumentException("no whole number of units");
        _extensions.Add(((byte)kind, body));
        return this;
    }

    /// <summary>Adds hop-by-hop options with a PadN of 4.</summary>
    public PacketBuilder HopByHop() => Extension(IpProtocol.HopByHop, 1, 4, 0, 0, 0, 0);

    /// <summary>Adds destination options with a PadN of 4.</summary>
    public PacketBuilder DestinationOptions() => Extension(IpProtocol.DestinationOptions, 1, 4, 0, 0, 0, 0);

    /// <summary>Pads the frame to Ethernet's 60 octets, with 0xEE so that padding shows where it should not.</summary>
    public PacketBuilder PadEthernet()
    {
        _pad = true;
        return this;
    }
}
