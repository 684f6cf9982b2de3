// Reference §14.2, §14.3.

using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Sync;

/// <summary>Fills one message with records.</summary>
/// <remarks>
/// Allocates when it is made only. Version 1 pads between records, not behind the last; the padding counts in the message's size, not in a record's.
/// Version 0 knows IPv4 only, and neither marks, timeouts nor engines; its sequence data are in the sender's own byte order, which is little-endian here.
/// Thread: one at a time.
/// </remarks>
public sealed class SyncMessageWriter
{
    private readonly byte[] _octets;
    private int _length;

    /// <summary>A writer of messages of at most so many octets (UDP payload).</summary>
    public SyncMessageWriter(int maxOctets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxOctets, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxOctets, ushort.MaxValue);
        _octets = new byte[maxOctets];
        Version = 1;
    }

    /// <summary>The version of this message, 0 or 1; see <see cref="Begin"/>.</summary>
    public int Version { get; private set; }

    /// <summary>Records in it.</summary>
    public int Records { get; private set; }

    /// <summary>Begins a message: what it held is gone.</summary>
    /// <param name="version">0 or 1.</param>
    public void Begin(int version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version, 1);
        Version = version;
        Records = 0;
        _length = version == 0 ? SyncWire.HeaderV0 : SyncWire.HeaderV1;
    }

    /// <summary>Appends a record.</summary>
    /// <returns>
    /// False when it does not fit any more, and the message is as it was. In an empty message: it never will, or version 0 cannot say it.
    /// </returns>
    public bool TryAppend(in SyncRecord record, in SyncExtras extras)
    {
        if (_length == 0) Begin(Version);
        if (Records == SyncWire.MostRecords) return false;
        return Version == 0 ? TryAppendV0(in record, in extras) : TryAppendV1(in record, in extras);
    }

    /// <summary>The finished message; good until the next <see cref="Begin"/> or <see cref="TryAppend"/>.</summary>
    /// <param name="syncId">The sender's sync id.</param>
    public ReadOnlySpan<byte> Finish(byte syncId)
    {
        if (_length == 0) Begin(Version);
        Span<byte> octets = _octets;
        if (Version == 0)
        {
            octets[0] = (byte)Records;
            octets[1] = syncId;
            BinaryPrimitives.WriteUInt16BigEndian(octets[2..], (ushort)_length);
        }
        else
        {
            octets[0] = 0;
            octets[1] = syncId;
            BinaryPrimitives.WriteUInt16BigEndian(octets[2..], (ushort)_length);
            octets[4] = (byte)Records;
            octets[5] = 1;
            octets[6] = octets[7] = 0;
        }

        return octets[.._length];
    }

    /// <summary>Whether version 0 can say it.</summary>
    public static bool FitsVersion0(in SyncRecord record) => record.Client.Family == IpFamily.V4;

    private bool TryAppendV1(in SyncRecord record, in SyncExtras extras)
    {
        bool isV6 = record.Client.Family == IpFamily.V6;
        int fixedPart = isV6 ? SyncWire.RecordV6 : SyncWire.RecordV4;
        int length = fixedPart + (extras.HasSequence ? 2 + SyncWire.Sequences : 0) + OptionSize(extras.EngineData) + OptionSize(extras.EngineName);
        int start = (_length + SyncWire.Alignment - 1) / SyncWire.Alignment * SyncWire.Alignment;
        if (length > SyncWire.LengthMask || start + length > _octets.Length) return false;

        _octets.AsSpan(_length, start - _length).Clear();
        Span<byte> octets = _octets.AsSpan(start, length);
        octets[0] = isV6 ? SyncWire.TypeV6 : (byte)0;
        octets[1] = (byte)record.Protocol;
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], (ushort)length);
        BinaryPrimitives.WriteUInt32BigEndian(octets[4..], record.Flags & ~SyncFlags.Hashed);
        BinaryPrimitives.WriteUInt16BigEndian(octets[8..], record.State);
        BinaryPrimitives.WriteUInt16BigEndian(octets[10..], record.ClientPort);
        BinaryPrimitives.WriteUInt16BigEndian(octets[12..], record.VirtualPort);
        BinaryPrimitives.WriteUInt16BigEndian(octets[14..], record.RealPort);
        BinaryPrimitives.WriteUInt32BigEndian(octets[16..], record.Mark);
        BinaryPrimitives.WriteUInt32BigEndian(octets[20..], record.Timeout);
        WriteAddresses(octets[SyncWire.Addresses..], in record);
        Span<byte> rest = octets[fixedPart..];
        if (extras.HasSequence)
        {
            rest[0] = SyncWire.OptionSequence;
            rest[1] = SyncWire.Sequences;
            extras.Inbound.Write(rest[2..]);
            extras.Outbound.Write(rest[(2 + SyncSequence.Size)..]);
            rest = rest[(2 + SyncWire.Sequences)..];
        }

        rest = WriteOption(rest, SyncWire.OptionEngineData, extras.EngineData);
        WriteOption(rest, SyncWire.OptionEngineName, extras.EngineName);
        _length = start + length;
        Records++;
        return true;
    }

    private bool TryAppendV0(in SyncRecord record, in SyncExtras extras)
    {
        if (!FitsVersion0(in record)) return false;
        bool hasSequence = (record.Flags & SyncFlags.Sequence) != 0;
        int length = SyncWire.RecordV0 + (hasSequence ? SyncWire.Sequences : 0);
        if (_length + length > _octets.Length) return false;
        Span<byte> octets = _octets.AsSpan(_length, length);
        octets[0] = 0;
        octets[1] = (byte)record.Protocol;
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], record.ClientPort);
        BinaryPrimitives.WriteUInt16BigEndian(octets[4..], record.VirtualPort);
        BinaryPrimitives.WriteUInt16BigEndian(octets[6..], record.RealPort);
        record.Client.V4.Write(octets[8..]);
        record.Virtual.V4.Write(octets[12..]);
        record.Real.V4.Write(octets[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(octets[20..], unchecked((ushort)(record.Flags & ~SyncFlags.Hashed)));
        BinaryPrimitives.WriteUInt16BigEndian(octets[22..], record.State);
        if (hasSequence)
        {
            WriteOwnOrder(octets[24..], extras.Inbound);
            WriteOwnOrder(octets[(24 + SyncSequence.Size)..], extras.Outbound);
        }

        _length += length;
        Records++;
        return true;
    }

    private static int OptionSize(ReadOnlySpan<byte> data) => data.IsEmpty ? 0 : 2 + data.Length;

    private static Span<byte> WriteOption(Span<byte> octets, byte type, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return octets;
        octets[0] = type;
        octets[1] = (byte)data.Length;
        data.CopyTo(octets[2..]);
        return octets[(2 + data.Length)..];
    }

    private static void WriteAddresses(Span<byte> octets, in SyncRecord record)
    {
        if (record.Client.Family == IpFamily.V6)
        {
            record.Client.V6.Write(octets);
            record.Virtual.V6.Write(octets[Ipv6Address.Size..]);
            record.Real.V6.Write(octets[(2 * Ipv6Address.Size)..]);
            return;
        }

        record.Client.V4.Write(octets);
        record.Virtual.V4.Write(octets[Ipv4Address.Size..]);
        record.Real.V4.Write(octets[(2 * Ipv4Address.Size)..]);
    }

    private static void WriteOwnOrder(Span<byte> octets, SyncSequence sequence)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(octets, sequence.InitialSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(octets[4..], sequence.Delta);
        BinaryPrimitives.WriteUInt32LittleEndian(octets[8..], sequence.PreviousDelta);
    }
}
