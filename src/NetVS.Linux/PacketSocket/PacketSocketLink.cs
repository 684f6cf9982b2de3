using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Bpf;
using NetVS.Linux.Native;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.PacketSocket;

/// <summary>One interface through an AF_PACKET socket: unfinished checksums and unsegmented frames arrive and leave as such.</summary>
/// <remarks>
/// <para>Frames that fit a slot are handled where they lie in the ring. Longer ones (unsegmented frames of up to 64 KiB) are cut in
/// the ring, and whole in the socket's queue, in the same order: they are fetched from there into buffers of our own.</para>
/// <para>Minimum kernel: 4.20 (PACKET_IGNORE_OUTGOING).</para>
/// </remarks>
internal sealed unsafe class PacketSocketLink : ILink
{
    private const int LongFrames = 16;

    // 64 KiB of IP packet, Ethernet header with two tags, headroom, tailroom; whole pages.
    private const int LongFrameSize = 68 << 10;
    private const int Tailroom = 128;

    // Headroom, and room to put a tag back; the IP header behind it is aligned.
    private const int LongFrameOffset = LinkFrame.Headroom + 18;
    private const int Slots = 4096;
    private const int VlanTagSize = 4;
    private const int MacsSize = 12;

    // tpacket2_hdr and sockaddr_ll, aligned, with at least 16 octets for the link header (linux/if_packet.h), then the virtio header.
    private const int SlotOverhead = 80 + VirtioNetHeader.Size;

    private readonly SafeFileHandle _socket;
    private readonly PacketRing _ring;
    private readonly PacketTransmitter _transmitter;
    private readonly NativeMapping _longFrames;
    private uint _announced;
    private int _longFramesUsed;

    /// <summary>Opens and binds the socket; frames come from here on.</summary>
    /// <param name="interfaceIndex">The device.</param>
    /// <param name="interfaceName">Its name, for messages.</param>
    /// <param name="ipMtu">The largest IP packet on it, which a slot must hold.</param>
    /// <param name="filter">Decides which frames it takes; null for all.</param>
    public PacketSocketLink(int interfaceIndex, string interfaceName, int ipMtu, BpfProgram? filter)
    {
        InterfaceIndex = interfaceIndex;
        Name = interfaceName;
        _socket = PacketSocketHandle.OpenForReceiving(filter, LinkFrame.Headroom, interfaceName);
        try
        {
            int slot = SlotOverhead + LinkFrame.Headroom + ipMtu + (2 * VlanTagSize) + Tailroom;
            _ring = PacketRing.Create(_socket, Math.Min(slot, LongFrameSize), Slots, interfaceName);
            _longFrames = NativeMapping.Anonymous(LongFrames * LongFrameSize, interfaceName);
            _transmitter = new PacketTransmitter(_socket, Counters, interfaceName);
            PacketSocketHandle.Bind(_socket, interfaceIndex, PacketAbi.ETH_P_ALL, interfaceName);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int InterfaceIndex { get; }

    /// <summary>The interface's name when the link was opened.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public bool CanReceive => true;

    /// <inheritdoc/>
    public int Descriptor => (int)_socket.DangerousGetHandle();

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <summary>Shares the interface's frames with the links of other workers, by flow.</summary>
    /// <param name="group">The group's number; 0 to found one.</param>
    /// <returns>The group's number.</returns>
    public ushort JoinFanout(ushort group) => PacketSocketHandle.JoinFanout(_socket, group, Name);

    /// <inheritdoc/>
    public int Receive(IFrameHandler handler, int budget)
    {
        int count = 0;
        long octets = 0;
        while (count < budget && _longFramesUsed < LongFrames)
        {
            // What this call does not get to is the next one's to announce: other links may have their turn before it.
            while (_announced < Math.Min(IFrameHandler.ExpectAhead, budget - count) && TryExpect(handler, _announced)) _announced++;
            tpacket2_hdr* slot = _ring.TryNext();
            if (slot is null) break;
            count++;
            if (_announced < IFrameHandler.ExpectAhead) handler.Expect(default);
            if (_announced > 0) _announced--;
            octets += slot->tp_len;
            Handle(handler, slot);
        }

        if (count == 0) return 0;
        Counters.Add(LinkCounter.ReceivedFrames, count);
        Counters.Add(LinkCounter.ReceivedOctets, octets);
        return count;
    }

    /// <inheritdoc/>
    public void Transmit(ref LinkFrame frame) => _transmitter.Transmit(ref frame);

    /// <inheritdoc/>
    public bool Flush()
    {
        _transmitter.Flush();
        return true;
    }

    /// <inheritdoc/>
    public void Release()
    {
        _ring.ReleaseAll();
        _longFramesUsed = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_socket.IsClosed) Maintain();
        _transmitter.Dispose();
        _ring.Dispose();
        _longFrames.Dispose();
    }

    /// <inheritdoc/>
    public void Maintain()
    {
        // Reading resets the kernel's count.
        tpacket_stats statistics = default;
        uint length = (uint)sizeof(tpacket_stats);
        if (LibC.getsockopt(_socket, LibC.SOL_PACKET, PacketAbi.PACKET_STATISTICS, &statistics, &length) == 0)
            Counters.Add(LinkCounter.ReceiveRingFull, statistics.tp_drops);
    }

    private bool TryExpect(IFrameHandler handler, uint ahead)
    {
        // The tag that the kernel took out of a frame is not put back for this: its connection is found by the rest, and it is read anew when it comes.
        tpacket2_hdr* slot = _ring.TryPeek(ahead);
        if (slot is null || slot->tp_mac == 0 || slot->tp_mac + slot->tp_snaplen > _ring.SlotSize) return false;
        handler.Expect(new ReadOnlySpan<byte>((byte*)slot + slot->tp_mac, (int)slot->tp_snaplen));
        return true;
    }

    private void Handle(IFrameHandler handler, tpacket2_hdr* slot)
    {
        LinkFrame frame = default;
        VirtioNetHeader header;
        if (slot->tp_snaplen == slot->tp_len)
        {
            // The slot's own header stays out of the frame's room: it holds the status that gives the slot back.
            byte* start = (byte*)slot + sizeof(tpacket2_hdr);
            frame.Buffer = new Span<byte>(start, _ring.SlotSize - sizeof(tpacket2_hdr));
            frame.Offset = slot->tp_mac - sizeof(tpacket2_hdr);
            frame.Length = (int)slot->tp_len;
            header = *(VirtioNetHeader*)((byte*)slot + slot->tp_mac - VirtioNetHeader.Size);
        }
        else if ((slot->tp_status & PacketAbi.TP_STATUS_COPY) == 0 || !TryFetchLong(ref frame, out header))
        {
            Counters.Add(LinkCounter.ReceiveTruncated);
            return;
        }

        if (slot->tp_mac == 0 || frame.Length < MacsSize + 2) return;
        int shift = PutBackTag(ref frame, slot);
        if (!header.TryRead(shift, out frame.Offload))
        {
            Counters.Add(LinkCounter.ReceiveUnknownOffload);
            return;
        }

        frame.ReceiveInterface = InterfaceIndex;
        frame.IsStable = true;
        handler.Handle(ref frame);
    }

    private bool TryFetchLong(ref LinkFrame frame, out VirtioNetHeader header)
    {
        byte* buffer = _longFrames.Address + (_longFramesUsed * LongFrameSize);
        VirtioNetHeader read = default;
        LibC.iovec* parts = stackalloc LibC.iovec[2];
        parts[0] = new LibC.iovec { iov_base = &read, iov_len = VirtioNetHeader.Size };
        parts[1] = new LibC.iovec { iov_base = buffer + LongFrameOffset, iov_len = LongFrameSize - LongFrameOffset - Tailroom };
        LibC.msghdr message = new() { msg_iov = parts, msg_iovlen = 2 };
        nint length = LibC.recvmsg(Descriptor, &message, LibC.MSG_DONTWAIT) - VirtioNetHeader.Size;
        header = read;
        if (length <= 0 || (message.msg_flags & LibC.MSG_TRUNC) != 0) return false;
        _longFramesUsed++;
        frame.Buffer = new Span<byte>(buffer, LongFrameSize);
        frame.Offset = LongFrameOffset;
        frame.Length = (int)length;
        return true;
    }

    // The kernel takes the outer VLAN tag out of the frame and tells it beside; the director wants it in band.
    private static int PutBackTag(ref LinkFrame frame, tpacket2_hdr* slot)
    {
        if ((slot->tp_status & PacketAbi.TP_STATUS_VLAN_VALID) == 0) return 0;
        frame.Octets[..MacsSize].CopyTo(frame.Buffer[(frame.Offset - VlanTagSize)..]);
        frame.Offset -= VlanTagSize;
        frame.Length += VlanTagSize;
        bool hasProtocol = (slot->tp_status & PacketAbi.TP_STATUS_VLAN_TPID_VALID) != 0;
        Span<byte> tag = frame.Octets.Slice(MacsSize, VlanTagSize);
        BinaryPrimitives.WriteUInt16BigEndian(tag, hasProtocol ? slot->tp_vlan_tpid : PacketAbi.ETH_P_8021Q);
        BinaryPrimitives.WriteUInt16BigEndian(tag[2..], slot->tp_vlan_tci);
        return VlanTagSize;
    }
}
