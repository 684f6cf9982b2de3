// RFC 9293 §3.1 and §3.2 (options, MSS), RFC 6691 (what MSS counts), RFC 2018 §3 (SACK), RFC 7323 §3 (timestamps).

using System.Buffers.Binary;
using NetVS.Director.Helpers;
using NetVS.Packets.Headers;

namespace NetVS.Director.FullNat;

/// <summary>Changes FULLNAT makes inside a segment's options without changing their length, and their compaction.</summary>
/// <remarks>
/// Parameters called <c>options</c> are the octets between the fixed TCP header and the data offset; checksums are the caller's. An
/// option list that lies about a length is left alone from there on.
/// </remarks>
internal static class TcpOptionEditing
{
    private const int SackBlockSize = 8;

    // The layout every stack uses for a segment that carries timestamps and nothing else: NOP NOP TS(10).
    private const uint OnlyTimestamps = 0x0101_080A;

    /// <summary>Whether the options are timestamps alone, which most segments have: nothing in them is FULLNAT's business.</summary>
    public static bool IsOnlyTimestamps(ReadOnlySpan<byte> options) =>
        options.Length == 12 && BinaryPrimitives.ReadUInt32BigEndian(options) == OnlyTimestamps;

    /// <summary>Overwrites the timestamps option with no-operations.</summary>
    public static bool TryBlankTimestamps(Span<byte> options)
    {
        if (!TcpOptionReader.TryFind(options, TcpOptionKind.Timestamps, out TcpOption option)) return false;
        Blank(options, option);
        return true;
    }

    /// <summary>Overwrites client-address options (TOA of either kind) with no-operations.</summary>
    public static bool TryBlankClientAddress(Span<byte> options)
    {
        bool found = false;
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (!IsClientAddress(reader.Current)) continue;
            Blank(options, reader.Current);
            found = true;
        }

        return found;
    }

    /// <summary>Lowers the MSS option by <paramref name="reserve"/>, and further to <paramref name="limit"/> where it is greater.</summary>
    public static bool TryLowerMss(Span<byte> options, int reserve, int limit)
    {
        if (!TcpOptionReader.TryFind(options, TcpOptionKind.MaximumSegmentSize, out TcpOption option) || option.Length != 4) return false;
        Span<byte> field = options.Slice(option.Offset + 2, 2);
        int mss = BinaryPrimitives.ReadUInt16BigEndian(field);
        int lowered = Math.Max(1, Math.Min(mss - reserve, limit));
        if (lowered >= mss) return false;
        BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)lowered);
        return true;
    }

    /// <summary>Takes <paramref name="delta"/> from the edges of all SACK blocks.</summary>
    public static bool TryShiftSack(Span<byte> options, uint delta)
    {
        Span<byte> edges = SackEdgesOf(options);
        for (Span<byte> edge = edges; !edge.IsEmpty; edge = edge[4..])
            BinaryPrimitives.WriteUInt32BigEndian(edge, unchecked(BinaryPrimitives.ReadUInt32BigEndian(edge) - delta));
        return !edges.IsEmpty;
    }

    /// <summary>Gives all edges of SACK blocks the numbers their sender's peer counts by.</summary>
    public static bool TryUndoSack(Span<byte> options, in SequenceShifts shifts)
    {
        Span<byte> edges = SackEdgesOf(options);
        for (Span<byte> edge = edges; !edge.IsEmpty; edge = edge[4..])
            BinaryPrimitives.WriteUInt32BigEndian(edge, shifts.Undo(BinaryPrimitives.ReadUInt32BigEndian(edge)));
        return !edges.IsEmpty;
    }

    /// <summary>Copies the options without no-operations and client-address options, padded with end-of-list to a multiple of four.</summary>
    /// <returns>Octets written.</returns>
    public static int Compact(ReadOnlySpan<byte> options, Span<byte> into)
    {
        int written = 0;
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            TcpOption option = reader.Current;
            if (option.Kind == TcpOptionKind.NoOperation || IsClientAddress(option)) continue;
            options.Slice(option.Offset, option.Length).CopyTo(into[written..]);
            written += option.Length;
        }

        while (written % 4 != 0) into[written++] = (byte)TcpOptionKind.EndOfList;
        return written;
    }

    private static Span<byte> SackEdgesOf(Span<byte> options) => TcpOptionReader.TryFind(options, TcpOptionKind.Sack, out TcpOption option)
        ? options.Slice(option.Offset + 2, (option.Length - 2) / SackBlockSize * SackBlockSize)
        : [];

    // Kinds 253 and 254 are shared by experiments (RFC 4727); those of other lengths are somebody else's.
    private static bool IsClientAddress(TcpOption option) =>
        option.Kind is TcpOptionKind.ClientAddress or TcpOptionKind.ClientAddressV6Old &&
        option.Length is ClientAddressOption.SizeV4 or ClientAddressOption.SizeV6;

    private static void Blank(Span<byte> options, TcpOption option) =>
        options.Slice(option.Offset, option.Length).Fill((byte)TcpOptionKind.NoOperation);
}
