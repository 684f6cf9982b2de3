// RFC 792, RFC 4443 §4; reference §6.8.
using System.Buffers.Binary;
using System.Net.Sockets;
using NetVS.Health.Checks;
using NetVS.Packets.Checksums;

namespace NetVS.Health.Probes;

/// <summary>PING_CHECK: an echo request of 128 data octets, and its reply.</summary>
/// <remarks>
/// A raw socket (CAP_NET_RAW, which a director has), connected so that only the server's packets come, and for IPv6 filtered to echo replies; the identifier
/// tells this check's reply from others'.
/// </remarks>
internal sealed class PingProbe(ProbeTarget target) : IProbe
{
    private const int DataSize = 128, HeaderSize = 8;
    private static int s_nextIdentifier = Environment.ProcessId;
    private readonly ushort _identifier = unchecked((ushort)Interlocked.Increment(ref s_nextIdentifier));
    private ushort _sequence;

    /// <inheritdoc/>
    public string Target { get; } = target.Address.ToString();

    private bool IsV6 => target.EndPoint.AddressFamily == AddressFamily.InterNetworkV6;

    /// <inheritdoc/>
    public async ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(target.Patience);
        try
        {
            using Socket socket = target.Open(SocketType.Raw, IsV6 ? ProtocolType.IcmpV6 : ProtocolType.Icmp, bindsPort: false);
            if (IsV6) FilterEchoReplies(socket);
            await socket.ConnectAsync(new System.Net.IPEndPoint(target.EndPoint.Address, 0), patience.Token).ConfigureAwait(false);
            _sequence = unchecked((ushort)(_sequence + 1));
            await socket.SendAsync(MakeRequest(IsV6, _identifier, _sequence), patience.Token).ConfigureAwait(false);
            byte[] packet = new byte[2048];
            while (true)
            {
                int length = await socket.ReceiveAsync(packet, patience.Token).ConfigureAwait(false);
                if (IsReply(packet.AsSpan(0, length), IsV6, _identifier, _sequence)) return ProbeResult.Success;
            }
        }
        catch (SocketException error)
        {
            return ProbeTarget.Judge(error);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProbeResult.Failure("no reply in time");
        }
    }

    /// <summary>The ICMP message; the kernel sums ICMPv6 itself.</summary>
    internal static byte[] MakeRequest(bool isV6, ushort identifier, ushort sequence)
    {
        var message = new byte[HeaderSize + DataSize];
        message[0] = (byte)(isV6 ? 128 : 8);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), sequence);
        for (int i = 0; i < DataSize; i++) message[HeaderSize + i] = (byte)i;
        if (!isV6) BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Compute(message));
        return message;
    }

    /// <summary>Whether a packet is the reply: IPv4 packets come with their header.</summary>
    internal static bool IsReply(ReadOnlySpan<byte> packet, bool isV6, ushort identifier, ushort sequence)
    {
        if (!isV6)
        {
            int header = packet.IsEmpty ? 0 : (packet[0] & 0xF) * 4;
            if (header < 20 || packet.Length < header) return false;
            packet = packet[header..];
        }

        return packet.Length >= HeaderSize && packet[0] == (isV6 ? 129 : 0) && packet[1] == 0
            && BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) == identifier && BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) == sequence;
    }

    // RFC 3542 §3.2: a set bit blocks the type.
    private static void FilterEchoReplies(Socket socket)
    {
        const int IPPROTO_ICMPV6 = 58, ICMPV6_FILTER = 1, EchoReply = 129;
        var blocked = new byte[32];
        Array.Fill(blocked, (byte)0xFF);
        blocked[EchoReply / 8] &= unchecked((byte)~(1 << (EchoReply % 8)));
        socket.SetRawSocketOption(IPPROTO_ICMPV6, ICMPV6_FILTER, blocked);
    }
}
