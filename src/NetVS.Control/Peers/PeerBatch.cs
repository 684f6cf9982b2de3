using NetVS.Director.Synchronisation;
using NetVS.Sync.Peers;

namespace NetVS.Control.Peers;

/// <summary>Records written one behind the other: room for so many. Thread: one at a time.</summary>
internal sealed class PeerBatch(int records) : IPeerSink
{
    private readonly byte[] _octets = new byte[records * PeerWire.LongestWritten];
    private int _length;

    /// <summary>The most it takes.</summary>
    public int Room { get; } = records;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Their frames; good until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Octets => _octets.AsMemory(0, _length);

    /// <inheritdoc/>
    public void Tell(in PeerRecord record, ReadOnlySpan<byte> engineName, ReadOnlySpan<byte> engineData)
    {
        _length += PeerFrameWriter.WriteRecord(_octets.AsSpan(_length), in record, engineName, engineData);
        Count++;
    }

    /// <summary>Makes room again.</summary>
    public void Clear() => (_length, Count) = (0, 0);
}
