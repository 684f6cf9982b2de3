using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Sync.Peers;

/// <summary>Reads frames of the peer channel, whoever sent them: nothing is read outside of the octets given, and nothing is allocated.</summary>
/// <remarks>A record is good as a whole or refused as a whole, and counted; the next frame's place is never in doubt. Unknown options are skipped by their length.</remarks>
public static class PeerFrameReader
{
    /// <summary>Takes the next frame off the front of what has come.</summary>
    /// <param name="octets">What has come; what is behind the frame is left.</param>
    /// <param name="kind">The frame's kind, known or not.</param>
    /// <param name="body">What it says.</param>
    /// <returns>False when it has not come whole yet.</returns>
    public static bool TryTakeFrame(ref ReadOnlySpan<byte> octets, out PeerFrameKind kind, out ReadOnlySpan<byte> body)
    {
        kind = default;
        body = default;
        if (octets.Length < PeerWire.Header) return false;
        int length = PeerWire.Header + BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        if (octets.Length < length) return false;
        kind = (PeerFrameKind)octets[0];
        body = octets[PeerWire.Header..length];
        octets = octets[length..];
        return true;
    }

    /// <summary>Reads a first frame.</summary>
    public static bool TryReadHello(ReadOnlySpan<byte> body, out PeerHello hello)
    {
        hello = default;
        if (body.Length < PeerWire.Hello || BinaryPrimitives.ReadUInt32BigEndian(body) != PeerWire.Magic) return false;
        hello = new PeerHello(BinaryPrimitives.ReadUInt16BigEndian(body[4..]), BinaryPrimitives.ReadUInt128BigEndian(body[8..]));
        return true;
    }

    /// <summary>Reads the number of Begin or End.</summary>
    public static bool TryReadCount(ReadOnlySpan<byte> body, out ulong count) => BinaryPrimitives.TryReadUInt64BigEndian(body, out count);

    /// <summary>Reads a record.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="tally">Counts what is wrong.</param>
    /// <param name="record">The record.</param>
    /// <param name="engine">Its persistence engine, of which only name and data are used; borrows the body.</param>
    /// <returns>False, and counted, when it makes no sense.</returns>
    public static bool TryReadRecord(ReadOnlySpan<byte> body, ISyncTally tally, out PeerRecord record, out SyncExtras engine)
    {
        record = default;
        engine = default;
        if (!TryReadFixedPart(body, out record, out int read) || !TryReadOptions(body[read..], tally, ref record, ref engine))
            return Refuse(tally, SyncCount.PeerFramesMalformed);
        SyncRecord entry = record.Entry;
        if ((entry.Flags & SyncFlags.OnePacket) != 0) return Refuse(tally, SyncCount.OnePacketRefused);
        int kinds = (entry.IsTemplate ? 1 : 0) + (record.IsFullNat ? 1 : 0) + (record.Announcement != PeerAnnouncement.None ? 1 : 0);
        bool isOpen = (entry.Flags & SyncFlags.NoClientPort) != 0;
        if (kinds > 1 || (isOpen && record.Announcement == PeerAnnouncement.None)) return Refuse(tally, SyncCount.FlagsContradict);
        if (record.IsFullNat && (entry.Flags & (SyncFlags.Method | SyncFlags.Sequence)) != 0) return Refuse(tally, SyncCount.FlagsContradict);
        return true;
    }

    private static bool TryReadFixedPart(ReadOnlySpan<byte> body, out PeerRecord record, out int read)
    {
        record = default;
        read = 0;
        if (body.Length < PeerWire.Addresses || body[1] is not (4 or 6)) return false;
        bool isV6 = body[1] == 6;
        int size = isV6 ? Ipv6Address.Size : Ipv4Address.Size;
        read = PeerWire.Addresses + (3 * size);
        if (body.Length < read) return false;
        record = new PeerRecord
        {
            IsLearned = (body[3] & PeerWire.Learned) != 0,
            IdleMilliseconds = BinaryPrimitives.ReadUInt32BigEndian(body[8..]),
            Entry = new SyncRecord
            {
                Protocol = (IpProtocol)body[0],
                State = body[2],
                Flags = BinaryPrimitives.ReadUInt32BigEndian(body[4..]),
                Timeout = BinaryPrimitives.ReadUInt32BigEndian(body[12..]),
                Mark = BinaryPrimitives.ReadUInt32BigEndian(body[16..]),
                ClientPort = BinaryPrimitives.ReadUInt16BigEndian(body[20..]),
                VirtualPort = BinaryPrimitives.ReadUInt16BigEndian(body[22..]),
                RealPort = BinaryPrimitives.ReadUInt16BigEndian(body[24..]),
                Client = Read(body[PeerWire.Addresses..], isV6),
                Virtual = Read(body[(PeerWire.Addresses + size)..], isV6),
                Real = Read(body[(PeerWire.Addresses + size + size)..], isV6),
            },
        };
        return true;
    }

    private static bool TryReadOptions(ReadOnlySpan<byte> options, ISyncTally tally, ref PeerRecord record, ref SyncExtras engine)
    {
        uint seen = 0;
        while (!options.IsEmpty)
        {
            if (options.Length < 2 || options.Length - 2 < options[1]) return false;
            byte type = options[0];
            ReadOnlySpan<byte> data = options.Slice(2, options[1]);
            options = options[(2 + data.Length)..];
            if (type is < PeerWire.OptionLocalEnd or > PeerWire.OptionAnnouncement)
            {
                tally.Count(SyncCount.PeerFramesSkipped);
                continue;
            }

            if ((seen & (1u << type)) != 0 || !TryReadOption(type, data, ref record, ref engine)) return false;
            seen |= 1u << type;
        }

        bool saysSequence = (record.Entry.Flags & SyncFlags.Sequence) != 0, hasSequence = (seen & (1u << PeerWire.OptionSequence)) != 0;
        return saysSequence == hasSequence && engine.EngineName.IsEmpty == engine.EngineData.IsEmpty;
    }

    private static bool TryReadOption(byte type, ReadOnlySpan<byte> data, ref PeerRecord record, ref SyncExtras engine)
    {
        switch (type)
        {
            case PeerWire.OptionLocalEnd:
                return TryReadLocalEnd(data, ref record);
            case PeerWire.OptionSequence:
                if (data.Length != PeerWire.Sequences) return false;
                record = record with { Entry = record.Entry with { Inbound = SyncSequence.Read(data), Outbound = SyncSequence.Read(data[SyncSequence.Size..]) } };
                return true;
            case PeerWire.OptionAnnouncement:
                if (data.Length != PeerWire.Announcement || data[0] is 0 or > (byte)PeerAnnouncement.FromServer) return false;
                record = record with
                {
                    Announcement = (PeerAnnouncement)data[0],
                    ControlClientPort = BinaryPrimitives.ReadUInt16BigEndian(data[1..]),
                    ControlVirtualPort = BinaryPrimitives.ReadUInt16BigEndian(data[3..]),
                };
                return true;
            case PeerWire.OptionEngine:
                engine.EngineName = data;
                return data.Length is > 0 and <= PeerWire.LongestEngine;
            default:
                engine.EngineData = data;
                return !data.IsEmpty;
        }
    }

    private static bool TryReadLocalEnd(ReadOnlySpan<byte> data, ref PeerRecord record)
    {
        bool isV6 = record.Entry.Client.Family == IpFamily.V6;
        int size = isV6 ? Ipv6Address.Size : Ipv4Address.Size;
        if (data.Length != size + PeerWire.LocalEndRest) return false;
        ReadOnlySpan<byte> rest = data[size..];
        record = record with
        {
            Local = Read(data, isV6),
            LocalPort = BinaryPrimitives.ReadUInt16BigEndian(rest),
            FullNatState = rest[2],
            SequenceDelta = BinaryPrimitives.ReadUInt32BigEndian(rest[3..]),
            RealIsn = BinaryPrimitives.ReadUInt32BigEndian(rest[7..]),
        };
        return record.LocalPort != 0 && record.FullNatState < 8;
    }

    private static IpAddress Read(ReadOnlySpan<byte> octets, bool isV6) => isV6 ? new IpAddress(Ipv6Address.Read(octets)) : new IpAddress(Ipv4Address.Read(octets));

    private static bool Refuse(ISyncTally tally, SyncCount reason)
    {
        tally.Count(reason);
        return false;
    }
}
