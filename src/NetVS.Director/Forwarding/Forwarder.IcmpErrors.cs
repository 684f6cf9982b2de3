// Reference §9.4; RFC 792, RFC 1122 §3.2.2, RFC 1812 §4.3.2 (ICMP); RFC 4443 §2.4, §3 (ICMPv6).

using NetVS.Director.Icmp;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>ICMP errors the director sends: built in front of the offending packet, which becomes the quote.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    // As Linux sends ICMP errors: precedence "internetwork control" (RFC 1812 §4.3.2.5), TTL 64.
    private const byte IcmpErrorTos = 0xC0;
    private const byte TosWithoutPrecedence = 0x1E;
    private const byte OwnTtl = 64;

    /// <summary>Drops a packet, counts why, and puts the ICMP error that tells its sender in its place.</summary>
    /// <param name="packet">The offending packet, as its sender would recognise it.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="reason">Why it is dropped.</param>
    /// <param name="icmp">What the error says.</param>
    /// <param name="rest">The error's second word: the IP MTU of "too big", else 0.</param>
    /// <param name="source">Who the error comes from; <c>default</c> leaves that to <see cref="SourceOfError"/>.</param>
    /// <param name="now">The time.</param>
    /// <returns>Transmit or AwaitNeighbour with the error, or Drop where none may be or can be sent.</returns>
    private Verdict Refuse(
        ref Packet packet, in PacketShape shape, DropReason reason, IcmpReason icmp, uint rest, TAddress source, MonotonicTime now)
    {
        _worker.Drop(ref packet, reason);
        ushort typeAndCode = TFamily.TypeAndCodeOf(icmp);
        return TrySendError(ref packet, in shape, typeAndCode, rest, source, now, out Verdict verdict) ? verdict : Verdict.Drop;
    }

    private bool TrySendError(
        ref Packet packet, in PacketShape shape, ushort typeAndCode, uint rest, TAddress source, MonotonicTime now, out Verdict verdict)
    {
        verdict = Verdict.Drop;
        Span<byte> ip = packet.Frame[shape.IpOffset..];
        TAddress sender = TFamily.SourceOf(ip);
        if (!MayBeAnswered(in packet, in shape, sender))
        {
            _worker.Count(ForwardingEvent.IcmpForbidden);
            return false;
        }

        int hop = LookUp(sender, 0, out RouteLookup route);
        if (hop <= 0 || !_worker.TryTakeIcmp(now)) return false;
        NextHop next = _worker.NextHops.Read(hop);
        if (source.Equals(default)) source = SourceOfError(TFamily.DestinationOf(ip), in route);
        if (!TryWriteError(ref packet, in shape, typeAndCode, rest, source, sender, out int ipOffset, out int ipLength)) return false;
        _worker.Count(ForwardingEvent.IcmpSent);
        DropReason reason = packet.Reason;
        verdict = SendWhole(hop, in next, ref packet, ipOffset, ipLength, now);
        packet.Reason = reason;
        return true;
    }

    // As IPVS, and as any host about packets to its own addresses: from the virtual address the packet was sent to, which is the one
    // the client's side lets through. About packets of real servers, from the director's own address towards them.
    private TAddress SourceOfError(TAddress destination, in RouteLookup route) =>
        TFamily.IsVirtualAddress(_worker.Table, destination) ? destination : TFamily.FromIpAddress(in route.PreferredSource);

    /// <summary>RFC 1122 §3.2.2, RFC 4443 §2.4 (e): about what no error is sent.</summary>
    private static bool MayBeAnswered(in Packet packet, in PacketShape shape, TAddress sender)
    {
        ReadOnlySpan<byte> frame = packet.Frame;
        if (shape.IsLaterFragment || !TFamily.IsPossibleSource(sender)) return false;
        if ((frame[0] & 1) != 0 || TFamily.ToIpAddress(TFamily.DestinationOf(frame[shape.IpOffset..])).IsMulticast) return false;
        return shape.Protocol != TFamily.IcmpProtocol || (shape.L4Length > 0 && !TFamily.IsIcmpError(frame[shape.L4Offset]));
    }

    private bool TryWriteError(
        ref Packet packet, in PacketShape shape, ushort typeAndCode, uint rest, TAddress source, TAddress receiver,
        out int ipOffset, out int ipLength)
    {
        int headers = TFamily.HeaderSize + IcmpHeader.Size;
        int quoted = Math.Min(shape.IpLength, TFamily.LargestIcmpError - headers);
        ipOffset = shape.IpOffset - headers;
        ipLength = headers + quoted;
        int start = packet.Offset + ipOffset;
        if (start < 0) return false;
        FinishQuote(ref packet, in shape);

        Span<byte> ip = packet.Buffer.Slice(start, ipLength);
        byte tos = TFamily.Family == IpFamily.V4
            ? (byte)(IcmpErrorTos | (TFamily.TosOf(packet.Frame[shape.IpOffset..]) & TosWithoutPrecedence))
            : (byte)0;
        TFamily.WriteHeader(ip, new IpHeaderFields<TAddress>
        {
            Source = source,
            Destination = receiver,
            Protocol = TFamily.IcmpProtocol,
            PayloadLength = IcmpHeader.Size + quoted,
            Tos = tos,
            Ttl = OwnTtl,
            Identification = _worker.NextIdentification(),
        });
        WriteIcmp(ip[TFamily.HeaderSize..], typeAndCode, rest, source, receiver);
        return true;
    }

    /// <summary>Writes the ICMP header in front of what it quotes, checksum included.</summary>
    private static void WriteIcmp(Span<byte> message, ushort typeAndCode, uint rest, TAddress source, TAddress receiver)
    {
        ref IcmpHeader header = ref WireView.At<IcmpHeader>(message, 0);
        header.Type = (byte)(typeAndCode >> 8);
        header.Code = unchecked((byte)typeAndCode);
        header.Rest.Host = rest;
        ushort pseudoHeader = TFamily.Family == IpFamily.V4
            ? (ushort)0
            : PseudoHeader.Sum(TFamily.ToIpAddress(source), TFamily.ToIpAddress(receiver), TFamily.IcmpProtocol, message.Length);
        L4Checksum.WriteComplete(TFamily.IcmpProtocol, message, pseudoHeader);
    }

    // What is quoted is what the sender would have put on the wire; an unfinished checksum is finished, and the message that
    // comes out is a finished frame.
    private static void FinishQuote(ref Packet packet, in PacketShape shape)
    {
        if (packet.Offload.NeedsChecksum && packet.Offload.Gso == GsoKind.None && !shape.IsFragment)
            L4Checksum.WriteComplete(packet.Frame, in shape);
        packet.Offload = default;
    }
}
