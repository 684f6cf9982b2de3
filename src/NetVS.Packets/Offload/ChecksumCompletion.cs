using System.Buffers.Binary;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Packets;

/// <summary>Finishes checksums that were left to the hardware.</summary>
public static class ChecksumCompletion
{
    /// <summary>Completes a partial checksum in place and clears <see cref="PacketOffload.NeedsChecksum"/>.</summary>
    /// <remarks>
    /// The field holds the pseudo-header's sum, so summing from <see cref="PacketOffload.ChecksumStart"/> to the end gives
    /// the whole sum (virtio 1.2 §5.1.6.2); this needs no look at the headers and works inside tunnels too. The two fields that are special are
    /// known by their place: UDP's at 6 (a result of 0 is sent as 0xFFFF) and SCTP's at 8 (CRC32c).
    /// Octets of Ethernet padding must not follow the packet, unless they are zero.
    /// </remarks>
    /// <returns>False when the offsets point outside the frame; nothing was changed then.</returns>
    public static bool TryComplete(Span<byte> frame, ref PacketOffload offload)
    {
        if (!offload.NeedsChecksum) return true;
        int start = offload.ChecksumStart;
        int field = start + offload.ChecksumOffset;
        if (field + 2 > frame.Length) return false;
        Span<byte> covered = frame[start..];
        if (offload.ChecksumOffset == SctpHeader.ChecksumOffset)
        {
            if (covered.Length < SctpHeader.Size) return false;
            SctpChecksum.Write(covered);
        }
        else
        {
            ushort checksum = InternetChecksum.Compute(covered);
            if (offload.ChecksumOffset == UdpHeader.ChecksumOffset) checksum = UdpChecksum.ToWire(checksum);
            BinaryPrimitives.WriteUInt16BigEndian(frame[field..], checksum);
        }

        offload.NeedsChecksum = false;
        return true;
    }
}
