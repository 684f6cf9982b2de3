using NetVS.Director.Network;
using NetVS.Packets.Capture;

namespace NetVS.Control.Replay;

/// <summary>Writes what the director sends, by interface and at the time it does.</summary>
internal sealed class ReplayOutput : IDisposable
{
    private readonly Stream? _stream;
    private readonly ICaptureWriter? _writer;
    private readonly Dictionary<int, int> _ids = [];

    public ReplayOutput(Func<Stream>? open, bool isClassic, ReplayNetwork network)
    {
        if (open is null) return;
        NetworkInterface[] wires = [.. network.Wires];
        if (isClassic && wires.Length > 1)
            throw new ReplayException($"a pcap file has one interface, and there are {wires.Length}: write pcapng (-o NAME.pcapng)");
        _stream = open();
        _writer = isClassic ? new PcapWriter(_stream) : new PcapngWriter(_stream);
        foreach (NetworkInterface wire in wires) _ids[wire.Index] = _writer.AddInterface(wire.Name);
    }

    /// <summary>Writes one frame.</summary>
    public void Write(int interfaceIndex, long time, ReadOnlySpan<byte> frame)
    {
        if (_writer is not null && _ids.TryGetValue(interfaceIndex, out int id)) _writer.Write(id, time, frame);
    }

    /// <summary>Hands everything over.</summary>
    public void Flush() => _writer?.Flush();

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();
}
