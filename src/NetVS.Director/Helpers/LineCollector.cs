using System.Runtime.CompilerServices;

namespace NetVS.Director.Helpers;

/// <summary>Makes lines of one direction's segments: what a segment leaves unfinished, the next one ends.</summary>
/// <remarks>
/// A line longer than <see cref="Most"/> is nobody's command: it is passed over. Octets that have been seen are left out, so a retransmission means
/// nothing twice; behind a gap, lines begin anew. Thread: the worker of the connection.
/// </remarks>
internal struct LineCollector
{
    /// <summary>Octets of the longest line that is put together, its end included.</summary>
    public const int Most = 128;

    private uint _next;
    private short _length;
    private bool _isKnown;
    private bool _isTooLong;
    private Octets _octets;

    /// <summary>The stream begins at this sequence number.</summary>
    public void Begin(uint sequence)
    {
        _next = sequence;
        _length = 0;
        _isKnown = true;
        _isTooLong = false;
    }

    /// <summary>Says what of a segment is new.</summary>
    /// <param name="sequence">The sequence number of its first octet.</param>
    /// <param name="text">Its octets.</param>
    /// <returns>The new octets; pass them to <see cref="TryTakeLine"/> until nothing is left.</returns>
    public ReadOnlySpan<byte> TakeNew(uint sequence, ReadOnlySpan<byte> text)
    {
        int known = unchecked((int)(_next - sequence));
        if (!_isKnown || known < 0)
        {
            Begin(sequence);
            known = 0;
        }

        if (known >= text.Length) return [];
        _next = unchecked(sequence + (uint)text.Length);
        return text[known..];
    }

    /// <summary>Takes the next line, with its line feed; what is no whole line is kept.</summary>
    /// <param name="text">The new octets; what is left of them.</param>
    /// <param name="line">A line; good until the next call.</param>
    /// <returns>False when no further line has come to its end.</returns>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public bool TryTakeLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> part = end < 0 ? text : text[..(end + 1)];
            text = text[part.Length..];
            bool isPassedOver = _isTooLong;
            if (_length == 0 && end >= 0)
            {
                line = part;
                _isTooLong = false;
                if (isPassedOver) continue;
                return true;
            }

            if (_isTooLong || _length + part.Length > Most) _isTooLong = true;
            else part.CopyTo(((Span<byte>)_octets)[_length..]);
            _length = _isTooLong ? (short)0 : (short)(_length + part.Length);
            if (end < 0) break;
            line = ((ReadOnlySpan<byte>)_octets)[.._length];
            _length = 0;
            isPassedOver = _isTooLong;
            _isTooLong = false;
            if (!isPassedOver) return true;
        }

        line = default;
        return false;
    }

    [InlineArray(Most)]
    private struct Octets
    {
        private byte _first;
    }
}
