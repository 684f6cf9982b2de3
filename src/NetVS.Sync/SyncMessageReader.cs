// Reference §14.2, §14.3, §14.5.

using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Sync;

/// <summary>Reads the records of one datagram, whoever sent it.</summary>
/// <remarks>
/// Reads nothing outside the datagram and allocates nothing. What is wrong with a record alone makes it be skipped; what puts the place of the next
/// one in doubt ends the message. Both are counted by name, and what was read before stays read.
/// </remarks>
public ref struct SyncMessageReader
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly ISyncTally _tally;
    private readonly bool _isV0;
    private int _at;
    private int _left;

    private SyncMessageReader(ReadOnlySpan<byte> message, ISyncTally tally, bool isV0, int count)
    {
        _message = message;
        _tally = tally;
        _isV0 = isV0;
        _at = isV0 ? SyncWire.HeaderV0 : SyncWire.HeaderV1;
        _left = count;
    }

    /// <summary>Begins to read.</summary>
    /// <param name="datagram">The UDP payload.</param>
    /// <param name="syncId">The receiver's sync id; 0 takes messages of all.</param>
    /// <param name="tally">Counts what is wrong.</param>
    /// <param name="reader">Gives the records.</param>
    /// <returns>False when the whole datagram is not for us or not a message.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> datagram, byte syncId, ISyncTally tally, out SyncMessageReader reader)
    {
        reader = default;
        if (datagram.Length < SyncWire.HeaderV0) return Refuse(tally, SyncCount.MessageTooShort);
        if (BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length) return Refuse(tally, SyncCount.MessageLengthWrong);
        if (syncId != 0 && datagram[1] != syncId) return Refuse(tally, SyncCount.OtherSyncId);

        // What version 0 has at these places is the first record, of which these octets never look so.
        bool isV1 = datagram.Length >= SyncWire.HeaderV1 && datagram[0] == 0 && datagram[5] == 1 && datagram[6] == 0 && datagram[7] == 0;
        reader = new SyncMessageReader(datagram, tally, !isV1, isV1 ? datagram[4] : datagram[0]);
        return true;
    }

    /// <summary>Reads the next record that makes sense.</summary>
    /// <returns>False at the end.</returns>
    public bool TryRead(out SyncRecord record, out SyncExtras extras)
    {
        while (_left > 0)
        {
            _left--;
            bool isGood = _isV0 ? TryReadV0(out record, out extras) : TryReadV1(out record, out extras);
            if (isGood && IsSensible(in record)) return true;
        }

        record = default;
        extras = default;
        return false;
    }

    private static bool Refuse(ISyncTally tally, SyncCount reason)
    {
        tally.Count(reason);
        return false;
    }

    /// <summary>The rest of the message cannot be read.</summary>
    private bool GiveUp(SyncCount reason)
    {
        _left = 0;
        return Refuse(_tally, reason);
    }

    private readonly bool IsSensible(in SyncRecord record)
    {
        if ((record.Flags & SyncFlags.OnePacket) != 0) return Refuse(_tally, SyncCount.OnePacketRefused);
        const uint PortlessTemplate = SyncFlags.NoClientPort | SyncFlags.Template;
        if ((record.Flags & PortlessTemplate) == PortlessTemplate) return Refuse(_tally, SyncCount.FlagsContradict);
        return true;
    }

    private bool TryReadV1(out SyncRecord record, out SyncExtras extras)
    {
        record = default;
        extras = default;
        ReadOnlySpan<byte> rest = _at < _message.Length ? _message[_at..] : default;
        if (rest.Length < SyncWire.RecordV4) return GiveUp(SyncCount.RecordCut);
        ushort word = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        int length = word & SyncWire.LengthMask;
        if (length > rest.Length) return GiveUp(SyncCount.RecordCut);
        if (length != word) return GiveUp(SyncCount.RecordVersionUnknown);
        byte type = rest[0];
        bool isV6 = (type & SyncWire.TypeV6) != 0;
        if (!isV6 && type != 0) return GiveUp(SyncCount.RecordTypeUnknown);
        int fixedPart = isV6 ? SyncWire.RecordV6 : SyncWire.RecordV4;
        if (length < fixedPart) return GiveUp(SyncCount.RecordCut);
        _at += (length + SyncWire.Alignment - 1) / SyncWire.Alignment * SyncWire.Alignment;

        ReadOnlySpan<byte> octets = rest[..length];
        record = new SyncRecord
        {
            Protocol = (IpProtocol)octets[1],
            Flags = BinaryPrimitives.ReadUInt32BigEndian(octets[4..]),
            State = BinaryPrimitives.ReadUInt16BigEndian(octets[8..]),
            ClientPort = BinaryPrimitives.ReadUInt16BigEndian(octets[10..]),
            VirtualPort = BinaryPrimitives.ReadUInt16BigEndian(octets[12..]),
            RealPort = BinaryPrimitives.ReadUInt16BigEndian(octets[14..]),
            Mark = BinaryPrimitives.ReadUInt32BigEndian(octets[16..]),
            Timeout = BinaryPrimitives.ReadUInt32BigEndian(octets[20..]),
            Client = AddressAt(octets, isV6, 0),
            Virtual = AddressAt(octets, isV6, 1),
            Real = AddressAt(octets, isV6, 2),
        };
        return TryReadOptions(octets[fixedPart..], out extras);
    }

    private static IpAddress AddressAt(ReadOnlySpan<byte> octets, bool isV6, int position)
    {
        ReadOnlySpan<byte> address = octets[(SyncWire.Addresses + (position * (isV6 ? Ipv6Address.Size : Ipv4Address.Size)))..];
        return isV6 ? new IpAddress(Ipv6Address.Read(address)) : new IpAddress(Ipv4Address.Read(address));
    }

    private bool TryReadOptions(ReadOnlySpan<byte> options, out SyncExtras extras)
    {
        extras = default;
        while (!options.IsEmpty)
        {
            if (options.Length < 2 || options[1] == 0 || options[1] > options.Length - 2) return GiveUp(SyncCount.OptionMalformed);
            byte type = options[0];
            ReadOnlySpan<byte> data = options.Slice(2, options[1]);
            options = options[(2 + data.Length)..];
            bool isGood;
            switch (type & ~SyncWire.OptionMayBeSkipped)
            {
                case SyncWire.OptionSequence:
                    isGood = !extras.HasSequence && data.Length == SyncWire.Sequences;
                    if (isGood)
                    {
                        extras.HasSequence = true;
                        extras.Inbound = SequenceAt(data, isBigEndian: true);
                        extras.Outbound = SequenceAt(data[SyncSequence.Size..], isBigEndian: true);
                    }

                    break;
                case SyncWire.OptionEngineData:
                    isGood = extras.EngineData.IsEmpty;
                    extras.EngineData = data;
                    break;
                case SyncWire.OptionEngineName:
                    isGood = extras.EngineName.IsEmpty && data.Length <= SyncWire.LongestEngineName;
                    extras.EngineName = data;
                    break;
                default:
                    if ((type & SyncWire.OptionMayBeSkipped) == 0) return Refuse(_tally, SyncCount.OptionUnknown);
                    isGood = true;
                    break;
            }

            if (!isGood) return GiveUp(SyncCount.OptionMalformed);
        }

        // An engine's data are nothing without its name.
        return extras.EngineData.IsEmpty || !extras.EngineName.IsEmpty || Refuse(_tally, SyncCount.OptionMalformed);
    }

    private bool TryReadV0(out SyncRecord record, out SyncExtras extras)
    {
        record = default;
        extras = default;
        ReadOnlySpan<byte> rest = _at < _message.Length ? _message[_at..] : default;
        if (rest.Length < SyncWire.RecordV0) return GiveUp(SyncCount.RecordCut);
        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(rest[20..]);
        bool hasSequence = (flags & SyncFlags.Sequence) != 0;
        int length = SyncWire.RecordV0 + (hasSequence ? SyncWire.Sequences : 0);
        if (rest.Length < length) return GiveUp(SyncCount.RecordCut);
        _at += length;
        record = new SyncRecord
        {
            Protocol = (IpProtocol)rest[1],
            ClientPort = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]),
            VirtualPort = BinaryPrimitives.ReadUInt16BigEndian(rest[4..]),
            RealPort = BinaryPrimitives.ReadUInt16BigEndian(rest[6..]),
            Client = new IpAddress(Ipv4Address.Read(rest[8..])),
            Virtual = new IpAddress(Ipv4Address.Read(rest[12..])),
            Real = new IpAddress(Ipv4Address.Read(rest[16..])),
            Flags = flags,
            State = BinaryPrimitives.ReadUInt16BigEndian(rest[22..]),
        };
        if (hasSequence)
        {
            extras.HasSequence = true;
            extras.Inbound = SequenceAt(rest[SyncWire.RecordV0..], isBigEndian: false);
            extras.Outbound = SequenceAt(rest[(SyncWire.RecordV0 + SyncSequence.Size)..], isBigEndian: false);
        }

        return true;
    }

    private static SyncSequence SequenceAt(ReadOnlySpan<byte> octets, bool isBigEndian) => isBigEndian
        ? SyncSequence.Read(octets)
        : new SyncSequence(
            BinaryPrimitives.ReadUInt32LittleEndian(octets), BinaryPrimitives.ReadUInt32LittleEndian(octets[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(octets[8..]));
}
