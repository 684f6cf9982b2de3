using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;

namespace NetVS.Linux.PacketSocket;

/// <summary>The mmap receive ring of an AF_PACKET socket (TPACKET_V2), one slot per frame.</summary>
/// <remarks>
/// <para>Version 2 and not 3, because version 3 hands over whole blocks, when they are full or after at least a millisecond: a
/// request and its reply would each wait for that. A slot of version 2 is ours as soon as the frame is in it.</para>
/// <para>Who writes what: a slot is the kernel's while its status is 0; the kernel fills it and stores the status with release, we load
/// it with acquire; we give it back by storing 0 with release, after the last use of its octets.</para>
/// </remarks>
internal sealed unsafe class PacketRing : IDisposable
{
    private const uint SlotsPerBlock = 64;

    private readonly NativeMapping _mapping;
    private readonly uint _slotSize;
    private readonly uint _slots;
    private uint _next;
    private uint _oldest;

    private PacketRing(NativeMapping mapping, uint slotSize, uint slots)
    {
        _mapping = mapping;
        _slotSize = slotSize;
        _slots = slots;
    }

    /// <summary>Octets of a slot, the kernel's header included.</summary>
    public int SlotSize => (int)_slotSize;

    /// <summary>Makes the ring; before the socket is bound.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="slotSize">The least octets per slot.</param>
    /// <param name="slots">The least slots.</param>
    /// <param name="object">For messages.</param>
    public static PacketRing Create(SafeFileHandle socket, int slotSize, int slots, string @object)
    {
        // Multiples of 2 KiB in blocks of 64: blocks are whole pages with nothing left over.
        uint size = (uint)((slotSize + 2047) & ~2047);
        uint blocks = ((uint)slots + SlotsPerBlock - 1) / SlotsPerBlock;
        var request = new tpacket_req
        {
            tp_block_size = size * SlotsPerBlock,
            tp_block_nr = blocks,
            tp_frame_size = size,
            tp_frame_nr = blocks * SlotsPerBlock,
        };
        LibC.SetOption(socket, LibC.SOL_PACKET, PacketAbi.PACKET_RX_RING, request, "PACKET_RX_RING", @object);
        nuint length = (nuint)request.tp_block_size * blocks;
        return new PacketRing(NativeMapping.OfSocket(socket, length, 0, @object), size, request.tp_frame_nr);
    }

    /// <summary>The next filled slot, or null. It stays ours until <see cref="ReleaseAll"/>.</summary>
    public tpacket2_hdr* TryNext()
    {
        tpacket2_hdr* slot = Slot(_next);
        if ((Volatile.Read(ref slot->tp_status) & PacketAbi.TP_STATUS_USER) == 0) return null;

        // All slots are taken and none was given back: the next one is one we have still not released.
        if (unchecked(_next - _oldest) == _slots) return null;
        _next = unchecked(_next + 1);
        return slot;
    }

    /// <summary>The filled slot as many places behind the next one, or null. It is not taken.</summary>
    public tpacket2_hdr* TryPeek(uint ahead)
    {
        if (unchecked(_next + ahead - _oldest) >= _slots) return null;
        tpacket2_hdr* slot = Slot(unchecked(_next + ahead));
        return (Volatile.Read(ref slot->tp_status) & PacketAbi.TP_STATUS_USER) == 0 ? null : slot;
    }

    /// <summary>Gives back all slots taken so far.</summary>
    public void ReleaseAll()
    {
        while (_oldest != _next)
        {
            Volatile.Write(ref Slot(_oldest)->tp_status, PacketAbi.TP_STATUS_KERNEL);
            _oldest = unchecked(_oldest + 1);
        }
    }

    /// <summary>Unmaps the ring; the socket is closed before.</summary>
    public void Dispose() => _mapping.Dispose();

    private tpacket2_hdr* Slot(uint index)
    {
        Debug.Assert((_slots & (_slots - 1)) == 0, "indices run freely over 32 bits, so the slots must be a power of two");
        return (tpacket2_hdr*)(_mapping.Address + ((nuint)(index & (_slots - 1)) * _slotSize));
    }
}
