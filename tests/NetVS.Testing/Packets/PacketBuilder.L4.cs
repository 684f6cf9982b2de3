using System.Text;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Testing.Packets;

public sealed partial class PacketBuilder
{
    private enum ChecksumMode
    {
        Complete,
        Partial,
        Absent,
        Bad,
    }

    private readonly byte _protocol;
    private readonly List<byte> _tcpOptions = [];
    private ushort _sourcePort;
    private ushort _destinationPort;
    private TcpFlags _flags;
    private uint _sequence;
    private uint _acknowledgment;
    private ushort _window = 65535;
    private ushort _urgent;
    private byte _chunk;
    private uint _verificationTag;
    private byte _type;
    private byte _code;
    private uint _rest;
    private bool _isRaw;
    private byte[] _payload = [];
    private ChecksumMode _checksum;
    private (IpEndpoint Source, IpEndpoint Destination)? _checksumOf;
    private GsoKind _gso;
    private ushort _gsoSize;

    /// <summary>The L4 protocol's number.</summary>
    internal byte Protocol => _protocol;

    /// <summary>Sets TCP's sequence number.</summary>
    public PacketBuilder Seq(uint sequence)
    {
        _sequence = sequence;
        return this;
    }

    /// <summary>Sets TCP's acknowledgment number and the ACK flag.</summary>
    public PacketBuilder Ack(uint acknowledgment)
    {
        _acknowledgment = acknowledgment;
        _flags |= TcpFlags.Ack;
        return this;
    }

    /// <summary>Sets TCP's acknowledgment number and leaves the flags alone.</summary>
    public PacketBuilder AckNumber(uint acknowledgment)
    {
        _acknowledgment = acknowledgment;
        return this;
    }

    /// <summary>Sets the source port.</summary>
    public PacketBuilder SourcePort(ushort port)
    {
        _sourcePort = port;
        return this;
    }

    /// <summary>Sets the destination port.</summary>
    public PacketBuilder DestinationPort(ushort port)
    {
        _destinationPort = port;
        return this;
    }

    /// <summary>Sets TCP's window.</summary>
    public PacketBuilder Window(ushort window)
    {
        _window = window;
        return this;
    }

    /// <summary>Sets TCP's urgent pointer and the URG flag.</summary>
    public PacketBuilder Urgent(ushort pointer)
    {
        _urgent = pointer;
        _flags |= TcpFlags.Urg;
        return this;
    }

    /// <summary>Appends TCP options as they stand; what is built is padded with EndOfList to a multiple of 4.</summary>
    public PacketBuilder Option(params byte[] octets)
    {
        _tcpOptions.AddRange(octets);
        return this;
    }

    /// <summary>Appends a no-operation option.</summary>
    public PacketBuilder Nop() => Option(1);

    /// <summary>Appends a maximum segment size option.</summary>
    public PacketBuilder Mss(ushort size) => Option(new OctetWriter().U8(2).U8(4).U16(size).ToArray());

    /// <summary>Appends a window scale option.</summary>
    public PacketBuilder WindowScale(byte shift) => Option(3, 3, shift);

    /// <summary>Appends a SACK-permitted option.</summary>
    public PacketBuilder SackPermitted() => Option(4, 2);

    /// <summary>Appends a SACK option.</summary>
    public PacketBuilder Sack(params (uint Left, uint Right)[] blocks)
    {
        OctetWriter option = new OctetWriter().U8(5).U8(2 + (8 * blocks.Length));
        foreach ((uint left, uint right) in blocks) option.U32(left).U32(right);
        return Option(option.ToArray());
    }

    /// <summary>Appends a timestamps option.</summary>
    public PacketBuilder Timestamps(uint value, uint echo) =>
        Option(new OctetWriter().U8(8).U8(10).U32(value).U32(echo).ToArray());

    /// <summary>Appends the client address option (TOA).</summary>
    public PacketBuilder ClientAddress(IpEndpoint client) =>
        Option(new OctetWriter().U8(254).U8(4 + client.Address.Size).U16(client.Port).Address(client.Address).ToArray());

    /// <summary>Sets SCTP's verification tag.</summary>
    public PacketBuilder VerificationTag(uint tag)
    {
        _verificationTag = tag;
        return this;
    }

    /// <summary>Sets the payload to so many octets 0, 1, 2 … 255, 0 …</summary>
    public PacketBuilder Payload(int length) => Payload(Pattern(length));

    /// <summary>Sets the payload.</summary>
    public PacketBuilder Payload(ReadOnlySpan<byte> octets)
    {
        _payload = octets.ToArray();
        return this;
    }

    /// <summary>Sets the payload to UTF-8 text.</summary>
    public PacketBuilder Payload(string text) => Payload(Encoding.UTF8.GetBytes(text));

    /// <summary>Makes the payload another packet, and for GUE or GRE its header before it.</summary>
    public PacketBuilder Encapsulate(PacketBuilder inner, params byte[] between) => Payload([.. between, .. inner.BuildIp()]);

    /// <summary>UDP without a checksum (0).</summary>
    public PacketBuilder NoChecksum()
    {
        _checksum = ChecksumMode.Absent;
        return this;
    }

    /// <summary>The checksum left to the hardware: only the pseudo-header's sum, not complemented; see <see cref="Offload"/>.</summary>
    public PacketBuilder PartialChecksum()
    {
        _checksum = ChecksumMode.Partial;
        return this;
    }

    /// <summary>A wrong L4 checksum.</summary>
    public PacketBuilder BadChecksum()
    {
        _checksum = ChecksumMode.Bad;
        return this;
    }

    /// <summary>The L4 checksum this packet had with other ends: what an ICMP error quotes after its ends were rewritten.</summary>
    public PacketBuilder ChecksumOf(IpEndpoint source, IpEndpoint destination)
    {
        _checksumOf = (source, destination);
        return this;
    }

    /// <summary>An unsegmented frame with a partial checksum; see <see cref="Offload"/>.</summary>
    public PacketBuilder Gso(GsoKind kind, ushort size)
    {
        (_gso, _gsoSize) = (kind, size);
        return PartialChecksum();
    }

    /// <summary>The payload of <see cref="Payload(int)"/>.</summary>
    public static byte[] Pattern(int length)
    {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) octets[i] = (byte)(i & 255);
        return octets;
    }

    private byte[] BuildL4()
    {
        if (_isRaw || _fragment is { Offset: > 0 }) return _payload;
        (byte[] octets, int field) = _protocol switch
        {
            6 => (BuildTcp(), 16),
            17 => (BuildUdp(), 6),
            1 or 58 => (new OctetWriter().U8(_type).U8(_code).U16(0).U32(_rest).Octets(_payload).ToArray(), 2),
            132 => (BuildSctp(), -1),
            _ => (_payload, -1),
        };
        if (field >= 0) WriteChecksum(octets, field);
        if (_checksumOf is { } ends) CopyChecksum(octets, field, ends.Source, ends.Destination);
        return octets;
    }

    private void CopyChecksum(byte[] octets, int field, IpEndpoint source, IpEndpoint destination)
    {
        var twin = (PacketBuilder)MemberwiseClone();
        twin._checksumOf = null;
        (twin._source, twin._sourcePort) = (source.Address, source.Port);
        (twin._destination, twin._destinationPort) = (destination.Address, destination.Port);
        twin.BuildL4().AsSpan(field, 2).CopyTo(octets.AsSpan(field));
    }

    private byte[] BuildTcp()
    {
        List<byte> options = [.. _tcpOptions];
        while (options.Count % 4 != 0) options.Add(0);
        if (options.Count > 40) throw new InvalidOperationException($"{options.Count} octets of TCP options");
        return new OctetWriter().U16(_sourcePort).U16(_destinationPort).U32(_sequence).U32(_acknowledgment)
            .U8((20 + options.Count) / 4 << 4).U8((int)_flags).U16(_window).U16(0).U16(_urgent)
            .Octets([.. options]).Octets(_payload).ToArray();
    }

    private byte[] BuildUdp() => new OctetWriter().U16(_sourcePort).U16(_destinationPort)
        .U16(8 + _payload.Length).U16(0).Octets(_payload).ToArray();

    private byte[] BuildSctp()
    {
        OctetWriter packet = new OctetWriter().U16(_sourcePort).U16(_destinationPort).U32(_verificationTag).U32(0)
            .U8(_chunk).U8(0).U16(4 + _payload.Length).Octets(_payload);
        while (packet.Length % 4 != 0) packet.U8(0);
        byte[] octets = packet.ToArray();
        uint crc = SlowChecksum.Crc32c(octets);
        if (_checksum == ChecksumMode.Bad) crc ^= 1;
        for (int i = 0; i < 4; i++) octets[8 + i] = (byte)((crc >> (8 * i)) & 255);
        return octets;
    }

    private void WriteChecksum(byte[] octets, int field)
    {
        if (_checksum == ChecksumMode.Absent) return;
        int sum = _protocol == 1 ? 0 : SlowChecksum.PseudoHeader(_source, _destination, _protocol, octets.Length);
        if (_checksum != ChecksumMode.Partial)
        {
            sum = SlowChecksum.Sum(octets, sum) ^ 0xFFFF;
            if (_checksum == ChecksumMode.Bad) sum ^= 0x0101;
            if (_protocol == 17 && sum == 0) sum = 0xFFFF;
        }

        octets[field] = (byte)(sum >> 8);
        octets[field + 1] = (byte)(sum & 255);
    }
}
