// Reference §10.1; RFC 9293 §3.4 (comparison of sequence numbers), RFC 2018 §3 (SACK).

using System.Runtime.CompilerServices;
using NetVS.Sync;

namespace NetVS.Director.Helpers;

/// <summary>By how much the sequence numbers of one direction are shifted, because helpers changed the length of its text.</summary>
/// <remarks>
/// <para>The sender counts the octets it wrote, the receiver those it was given. A segment of the sender's gets the shift of all replacements that
/// end before it begins; an acknowledgment that comes back loses it. A retransmitted segment must get what it got the first time, so former
/// replacements are remembered: IPVS remembers the last one and what was before it, here the last <see cref="Most"/> are.</para>
/// <para>Sequence numbers wrap around; a comparison means something within 2^31 octets. What lies further back is forgotten in time (<see cref="ForgetBefore"/>).</para>
/// Thread: the worker of the control connection.
/// </remarks>
internal struct SequenceShifts
{
    /// <summary>Replacements that are remembered one by one.</summary>
    public const int Most = 4;

    // Far more than a window, far less than half of the numbers.
    private const int LongAgo = 1 << 29;

    private uint _base;
    private int _count;
    private Entries _entries;

    /// <summary>Whether nothing is shifted, and nothing was.</summary>
    public readonly bool IsNothing => _count == 0 && _base == 0;

    /// <summary>What a segment that begins at this number, as its sender counts, is shifted by.</summary>
    public readonly uint DeltaAt(uint sequence)
    {
        for (int i = _count - 1; i >= 0; i--)
            if (IsAtOrBehind(sequence, _entries[i].End)) return _entries[i].Delta;
        return _base;
    }

    /// <summary>A number that the receiver of this direction's octets acknowledges, as the sender counts.</summary>
    public readonly uint Undo(uint acknowledged)
    {
        uint delta = _count == 0 ? _base : _entries[_count - 1].Delta;
        for (int i = _count - 1; i >= 0; i--)
        {
            SequenceShift shift = _entries[i];
            if (IsAtOrBehind(acknowledged, unchecked(shift.End + shift.Delta))) break;
            delta = i == 0 ? _base : _entries[i - 1].Delta;

            // In the midst of a longer text: not more than the sender wrote.
            if (IsAtOrBehind(unchecked(acknowledged - delta), shift.End)) return shift.End;
        }

        return unchecked(acknowledged - delta);
    }

    /// <summary>Whether a replacement that ended here was made before, and by how much it shifted what follows, compared with what is in front of it.</summary>
    public readonly bool TryFind(uint end, out uint growth)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_entries[i].End != end) continue;
            growth = unchecked(_entries[i].Delta - (i == 0 ? _base : _entries[i - 1].Delta));
            return true;
        }

        growth = 0;
        return false;
    }

    /// <summary>How many of the remembered replacements have an octet in a segment.</summary>
    public readonly int CountWithin(uint sequence, int octets)
    {
        int count = 0;
        for (int i = 0; i < _count; i++)
        {
            SequenceShift shift = _entries[i];
            int first = unchecked((int)(shift.End - shift.Octets - sequence)), end = unchecked((int)(shift.End - sequence));
            if (first < octets && end > 0) count++;
        }

        return count;
    }

    /// <summary>Notes a replacement behind all others.</summary>
    /// <returns>False if it is not behind them: it must not be made.</returns>
    public bool TryAdd(uint end, int octets, int growth)
    {
        uint delta = _count == 0 ? _base : _entries[_count - 1].Delta;
        if (_count > 0 && !IsAtOrBehind(unchecked(end - (uint)octets), _entries[_count - 1].End)) return false;
        if (_count == Most)
        {
            _base = _entries[0].Delta;
            for (int i = 1; i < Most; i++) _entries[i - 1] = _entries[i];
            _count--;
        }

        _entries[_count++] = new SequenceShift(end, (uint)octets, unchecked(delta + (uint)growth));
        return true;
    }

    /// <summary>Forgets, apart from their sum, what lies so far before a number that comparing would soon go wrong.</summary>
    public void ForgetBefore(uint sequence)
    {
        if (_count == 0 || unchecked((int)(sequence - _entries[_count - 1].End)) < LongAgo) return;
        _base = _entries[_count - 1].Delta;
        _count = 0;
    }

    /// <summary>As messages to other directors say it: the last replacement and what was before it.</summary>
    public readonly SyncSequence ToSync() => _count == 0
        ? new SyncSequence(0, _base, _base)
        : new SyncSequence(unchecked(_entries[_count - 1].End - 1), _entries[_count - 1].Delta, _count == 1 ? _base : _entries[_count - 2].Delta);

    /// <summary>What another director's message says.</summary>
    public static SequenceShifts Of(SyncSequence sequence)
    {
        var shifts = new SequenceShifts { _base = sequence.PreviousDelta };
        if (sequence.Delta == sequence.PreviousDelta) return shifts;
        shifts._entries[0] = new SequenceShift(unchecked(sequence.InitialSequence + 1), 0, sequence.Delta);
        shifts._count = 1;
        return shifts;
    }

    private static bool IsAtOrBehind(uint sequence, uint place) => unchecked((int)(sequence - place)) >= 0;

    [InlineArray(Most)]
    private struct Entries
    {
        private SequenceShift _first;
    }
}
