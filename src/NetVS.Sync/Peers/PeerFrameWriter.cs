using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Sync.Peers;

/// <summary>Writes frames of the peer channel. Each call needs room for <see cref="PeerWire.LongestWritten"/> octets and returns how many it took.</summary>
public static class PeerFrameWriter
{
    /// <summary>A frame that is its kind: Request, Alive.</summary>
    public static int WriteEmpty(Span<byte> octets, PeerFrameKind kind) => Finish(octets, kind, 0);

    /// <summary>Begin or End, with its number of records.</summary>
    public static int WriteCount(Span<byte> octets, PeerFrameKind kind, ulong count)
    {
        BinaryPrimitives.WriteUInt64BigEndian(octets[PeerWire.Header..], count);
        return Finish(octets, kind, PeerWire.Count);
    }

    /// <summary>The first frame.</summary>
    public static int WriteHello(Span<byte> octets, in PeerHello hello)
    {
        Span<byte> body = octets[PeerWire.Header..];
        BinaryPrimitives.WriteUInt32BigEndian(body, PeerWire.Magic);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], (uint)hello.Version << 16);
        BinaryPrimitives.WriteUInt128BigEndian(body[8..], hello.Instance);
        return Finish(octets, PeerFrameKind.Hello, PeerWire.Hello);
    }

    /// <summary>A record.</summary>
    /// <param name="octets">Where to.</param>
    /// <param name="record">The record.</param>
    /// <param name="engineName">The persistence engine's name, at most 16 octets; empty for none.</param>
    /// <param name="engineData">Its key, at most 255 octets; empty for none.</param>
    public static int WriteRecord(Span<byte> octets, in PeerRecord record, ReadOnlySpan<byte> engineName, ReadOnlySpan<byte> engineData)
    {
        SyncRecord entry = record.Entry;
        Span<byte> body = octets[PeerWire.Header..];
        body[0] = (byte)entry.Protocol;
        body[1] = entry.Client.Family == IpFamily.V6 ? (byte)6 : (byte)4;
        body[2] = (byte)entry.State;
        body[3] = record.IsLearned ? PeerWire.Learned : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], entry.Flags & ~SyncFlags.Hashed);
        BinaryPrimitives.WriteUInt32BigEndian(body[8..], record.IdleMilliseconds);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], entry.Timeout);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], entry.Mark);
        BinaryPrimitives.WriteUInt16BigEndian(body[20..], entry.ClientPort);
        BinaryPrimitives.WriteUInt16BigEndian(body[22..], entry.VirtualPort);
        BinaryPrimitives.WriteUInt16BigEndian(body[24..], entry.RealPort);
        BinaryPrimitives.WriteUInt16BigEndian(body[26..], 0);
        int at = PeerWire.Addresses;
        at += Put(body[at..], entry.Client);
        at += Put(body[at..], entry.Virtual);
        at += Put(body[at..], entry.Real);
        if (record.IsFullNat) at += WriteLocalEnd(body[at..], in record);
        if ((entry.Flags & SyncFlags.Sequence) != 0)
        {
            Span<byte> option = body.Slice(at, 2 + PeerWire.Sequences);
            (option[0], option[1]) = (PeerWire.OptionSequence, PeerWire.Sequences);
            entry.Inbound.Write(option[2..]);
            entry.Outbound.Write(option[(2 + SyncSequence.Size)..]);
            at += option.Length;
        }

        if (record.Announcement != PeerAnnouncement.None)
        {
            Span<byte> option = body.Slice(at, 2 + PeerWire.Announcement);
            (option[0], option[1], option[2]) = (PeerWire.OptionAnnouncement, PeerWire.Announcement, (byte)record.Announcement);
            BinaryPrimitives.WriteUInt16BigEndian(option[3..], record.ControlClientPort);
            BinaryPrimitives.WriteUInt16BigEndian(option[5..], record.ControlVirtualPort);
            at += option.Length;
        }

        at += WriteOption(body[at..], PeerWire.OptionEngine, engineName);
        at += WriteOption(body[at..], PeerWire.OptionEngineData, engineData);
        return Finish(octets, PeerFrameKind.Record, at);
    }

    private static int WriteLocalEnd(Span<byte> body, in PeerRecord record)
    {
        int at = 2 + Put(body[2..], record.Local);
        (body[0], body[1]) = (PeerWire.OptionLocalEnd, (byte)(at - 2 + PeerWire.LocalEndRest));
        BinaryPrimitives.WriteUInt16BigEndian(body[at..], record.LocalPort);
        body[at + 2] = record.FullNatState;
        BinaryPrimitives.WriteUInt32BigEndian(body[(at + 3)..], record.SequenceDelta);
        BinaryPrimitives.WriteUInt32BigEndian(body[(at + 7)..], record.RealIsn);
        return at + PeerWire.LocalEndRest;
    }

    private static int Put(Span<byte> octets, IpAddress address)
    {
        address.Write(octets);
        return address.Size;
    }

    private static int WriteOption(Span<byte> octets, byte type, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return 0;
        (octets[0], octets[1]) = (type, (byte)data.Length);
        data.CopyTo(octets[2..]);
        return 2 + data.Length;
    }

    private static int Finish(Span<byte> octets, PeerFrameKind kind, int length)
    {
        (octets[0], octets[1]) = ((byte)kind, 0);
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], (ushort)length);
        return PeerWire.Header + length;
    }
}
