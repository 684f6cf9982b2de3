// Reference §11.4 (TOA), by DPVS's rule: neither SYN nor RST, and nothing of the real server's data acknowledged yet.

using System.Runtime.InteropServices;
using NetVS.Director.Connections;
using NetVS.Director.FullNat;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>The client's address for the real server, as a TCP option in the handshake's last segment and what follows it.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private const int MaxOptionsLength = TcpHeader.MaxSize - TcpHeader.Size;

    private bool WantsClientAddress(
        ref Connection<TAddress> connection, ReadOnlySpan<byte> l4, in PacketShape shape, in FlowEnds<TAddress> ends)
    {
        if (((FullNatFlags)connection.FullNatState & FullNatFlags.HasRealIsn) == 0 || ends.Protocol != IpProtocol.Tcp) return false;
        if ((ends.Flags & (TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Ack)) != TcpFlags.Ack || shape.IsFragment) return false;

        // The number is another one by now, and none is of the first: the client has acknowledged data.
        if (((FullNatFlags)connection.FullNatState & FullNatFlags.HasServerNumber) != 0) return false;
        int acknowledged = unchecked((int)(MemoryMarshal.AsRef<TcpHeader>(l4).Acknowledgment.Host - (connection.RealIsn + 1)));
        if (acknowledged > 0) connection.FullNatState |= (byte)FullNatFlags.HasAcknowledged;
        return acknowledged == 0 && _settings.FullNatToa;
    }

    /// <summary>Puts the option in front of the others and sends; where there is no room, sends without it.</summary>
    private Verdict SendWithClientAddress(
        ref Connection<TAddress> connection, int hop, in NextHop next, ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        Span<byte> l4 = packet.Frame.Slice(shape.L4Offset, shape.L4Length);
        ReadOnlySpan<byte> present = l4[TcpHeader.Size..MemoryMarshal.AsRef<TcpHeader>(l4).HeaderLength];
        int size = ClientAddressOption.SizeOf(TFamily.Family);
        Span<byte> options = stackalloc byte[MaxOptionsLength + MaxOptionsLength];
        WriteClientAddress(in connection, options);
        present.CopyTo(options[size..]);
        int length = size + present.Length;
        PacketShape grown = shape;
        if (!HasRoomFor(length, present.Length, connection.IpMtuInbound, in packet, in shape))
            length = size + TcpOptionEditing.Compact(present, options[size..]);
        if (HasRoomFor(length, present.Length, connection.IpMtuInbound, in packet, in shape))
        {
            ReplaceOptions(ref packet, ref grown, present.Length, options[..length]);
            LimitGsoSize(ref packet, in grown, connection.IpMtuInbound);
            _worker.Count(ForwardingEvent.ToaInserted);
        }
        else
        {
            _worker.Count(ForwardingEvent.ToaNoRoom);
        }

        return Send(hop, in next, connection.IpMtuInbound, ref packet, in grown, now);
    }

    private void WriteClientAddress(in Connection<TAddress> connection, Span<byte> option)
    {
        ClientAddressOption.Write(option, new IpEndpoint(TFamily.ToIpAddress(connection.Client), connection.ClientPort));
        if (TFamily.Family == IpFamily.V6) option[0] = (byte)_settings.FullNatToaV6Kind;
    }

    private static bool HasRoomFor(int optionsLength, int presentLength, int ipMtu, in Packet packet, in PacketShape shape)
    {
        int growth = optionsLength - presentLength;
        if (optionsLength > MaxOptionsLength || shape.IpLength + growth > ushort.MaxValue || packet.Offset < growth) return false;

        // The segments of an unsegmented frame can be made smaller instead.
        int largest = LargestIpLength(in packet, in shape) + growth;
        return largest <= ipMtu || (packet.Offload.Gso != GsoKind.None && packet.Offload.GsoSize > largest - ipMtu);
    }

    private static void LimitGsoSize(ref Packet packet, in PacketShape shape, int ipMtu)
    {
        if (packet.Offload.Gso == GsoKind.None) return;
        int excess = LargestIpLength(in packet, in shape) - ipMtu;
        if (excess > 0) packet.Offload.GsoSize = (ushort)(packet.Offload.GsoSize - excess);
    }

    /// <summary>Puts other options in place of a segment's; everything in front of them moves by the difference in length.</summary>
    private static void ReplaceOptions(ref Packet packet, ref PacketShape shape, int presentLength, scoped ReadOnlySpan<byte> options)
    {
        int growth = options.Length - presentLength;
        int front = shape.L4Offset + TcpHeader.Size;
        ushort before = InternetChecksum.Sum(packet.Frame.Slice(front, presentLength));
        packet.Buffer.Slice(packet.Offset, front).CopyTo(packet.Buffer[(packet.Offset - growth)..]);
        packet.Offset -= growth;
        packet.Length += growth;
        options.CopyTo(packet.Frame[front..]);

        ref TcpHeader tcp = ref WireView.At<TcpHeader>(packet.Frame, shape.L4Offset);
        ushort offsetAndFlags = OffsetAndFlags(in tcp);
        tcp.SetHeaderLength(TcpHeader.Size + options.Length);
        ChecksumDelta segment = ChecksumDelta.Remove(before) + ChecksumDelta.Insert(InternetChecksum.Sum(options)) +
            ChecksumDelta.Replace(offsetAndFlags, OffsetAndFlags(in tcp));
        var pseudoHeader = ChecksumDelta.Replace((uint)shape.L4Length, (uint)(shape.L4Length + growth));
        L4Checksum.Replace(ref tcp.Checksum, in packet.Offload, pseudoHeader, segment);
        shape.IpLength += growth;
        shape.L4Length += growth;
        TFamily.RewriteLength(packet.Frame[shape.IpOffset..], shape.IpLength);
        if (packet.Offload.Gso != GsoKind.None) packet.Offload.HeaderLength = (ushort)(packet.Offload.HeaderLength + growth);
    }

    private static ushort OffsetAndFlags(in TcpHeader tcp) => (ushort)((tcp.DataOffsetAndReserved << 8) | (byte)tcp.Flags);
}
