using NetVS.Packets.Capture;

namespace NetVS.Control.Replay;

/// <summary>One capture being read: its next packet, at a time that never goes back.</summary>
internal sealed class ReplaySource : IDisposable
{
    private readonly Stream _stream;
    private readonly ICaptureReader _reader;
    private readonly Func<CaptureInterface, int> _findInterface;
    private readonly List<int> _interfaces = [];
    private CapturedPacket _next;

    /// <summary>Opens a capture.</summary>
    /// <param name="input">Which.</param>
    /// <param name="findInterface">The index of the director's interface that stands for an interface of the capture.</param>
    public ReplaySource(ReplayInput input, Func<CaptureInterface, int> findInterface)
    {
        Input = input;
        _findInterface = findInterface;
        _stream = input.Open();
        try
        {
            _reader = CaptureReader.Open(_stream);
        }
        catch (Exception problem) when (problem is CaptureFormatException or IOException)
        {
            _stream.Dispose();
            throw new ReplayException($"{input.Label}: {problem.Message}");
        }
    }

    /// <summary>Which capture it is.</summary>
    public ReplayInput Input { get; }

    /// <summary>The packet that comes next; only after <see cref="TryAdvance"/> said so.</summary>
    public ref readonly CapturedPacket Next => ref _next;

    /// <summary>When it comes: its timestamp, or the one before where that was later. Nanoseconds since 1970.</summary>
    public long Time { get; private set; } = long.MinValue;

    /// <summary>The index of the interface it came in by.</summary>
    public int Interface { get; private set; }

    /// <summary>Packets whose timestamp was before that of the one before.</summary>
    public long BackwardPackets { get; private set; }

    /// <summary>Packets of which the capture has only the beginning.</summary>
    public long CutPackets { get; private set; }

    /// <summary>What is wrong with the file where reading ended; null when it ended as it should.</summary>
    public string? Fault { get; private set; }

    /// <summary>Reads the next packet; false at the end, also where the file is broken.</summary>
    public bool TryAdvance()
    {
        try
        {
            if (!_reader.TryReadNext(out _next)) return false;
        }
        catch (Exception problem) when (problem is CaptureFormatException or IOException)
        {
            Fault = $"{Input.Label}: {problem.Message}";
            return false;
        }

        if (_next.Timestamp < Time) BackwardPackets++;
        Time = Math.Max(Time, Math.Max(_next.Timestamp, 0));
        if (_next.OriginalLength > _next.Data.Length) CutPackets++;
        while (_interfaces.Count < _reader.Interfaces.Count) _interfaces.Add(0);
        ref int known = ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_interfaces)[_next.InterfaceId];
        if (known == 0) known = _findInterface(_reader.Interfaces[_next.InterfaceId]);
        Interface = known;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
