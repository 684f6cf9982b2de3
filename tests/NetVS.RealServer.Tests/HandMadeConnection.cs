using System.Buffers.Binary;

namespace NetVS.RealServer.Tests;

/// <summary>The client's half of a TCP connection, segment by segment, over a <see cref="Wire"/>.</summary>
internal sealed class HandMadeConnection(Wire wire, string client, string server, ushort clientPort, ushort serverPort)
{
    private const byte Syn = 2, Ack = 16, PushAck = 24, SynAck = 18;

    private uint _next = 1000;
    private uint _expected;

    /// <summary>Where the server's packets come, if not by the wire that the client's leave by.</summary>
    public Wire? Back { get; init; }

    /// <summary>Puts an IP packet into a tunnel packet; without it, packets go plain.</summary>
    public Func<byte[], byte[]> Wrap { get; init; } = packet => packet;

    /// <summary>Shakes hands; the last ACK, and data after it, carry these TCP options.</summary>
    public bool TryConnect(byte[]? options = null)
    {
        Send(Syn, null, null);
        _next++;
        byte[]? answer = (Back ?? wire).Receive(f => Segment(f) is { Length: >= 20 } s && s[13] == SynAck);
        if (answer is null) return false;
        _expected = BinaryPrimitives.ReadUInt32BigEndian(Segment(answer).AsSpan(4)) + 1;
        Send(Ack, options, null);
        return true;
    }

    /// <summary>Sends data and returns what comes back.</summary>
    public byte[]? Exchange(byte[] data)
    {
        Send(PushAck, null, data);
        byte[]? answer = (Back ?? wire).Receive(f => Segment(f) is { Length: >= 20 } s && s.Length > (s[12] >> 4) * 4);
        return answer is null ? null : Segment(answer)[((Segment(answer)[12] >> 4) * 4)..];
    }

    private void Send(byte flags, byte[]? options, byte[]? payload)
    {
        byte[] segment = Frames.Tcp(client, server, clientPort, serverPort, _next, flags == Syn ? 0 : _expected, flags, options, payload);
        wire.Send(Frames.Ethernet(Wrap(Frames.Ip(client, server, 6, segment))));
    }

    /// <summary>The TCP segment of a frame from the server to the client, or nothing.</summary>
    private byte[] Segment(byte[] frame)
    {
        byte[] packet = frame[14..];
        byte[] wanted = Frames.Ip(server, client, 6, []);
        bool isIpv4 = wanted.Length == 20;
        if (packet.Length < wanted.Length + 20 || packet[0] >> 4 != wanted[0] >> 4) return [];
        (int protocol, int addresses) = isIpv4 ? (9, 12) : (6, 8);
        if (packet[protocol] != 6 || !packet.AsSpan(addresses, wanted.Length - addresses).SequenceEqual(wanted.AsSpan(addresses))) return [];
        int length = isIpv4 ? BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2)) : 40 + BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(4));
        byte[] segment = packet[wanted.Length..length];
        return BinaryPrimitives.ReadUInt16BigEndian(segment) == serverPort && BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(2)) == clientPort
            ? segment
            : [];
    }
}
