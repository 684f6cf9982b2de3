using NetVS.Control.Replay;
using NetVS.Packets.Capture;

namespace NetVS.Control.Tests.Replay;

/// <summary>A capture in memory: built packet by packet, then replayed.</summary>
#pragma warning disable CA1001 // a stream in memory holds nothing to give back
internal sealed class CaptureFile
#pragma warning restore CA1001
{
    /// <summary>When captures begin: 2026-11-20 19:00:00 UTC, in nanoseconds.</summary>
    public const long Start = 1_795_201_200_000_000_000;

    private readonly MemoryStream _stream = new();
    private readonly ICaptureWriter _writer;

    public CaptureFile(bool isClassic = false, params string[] interfaces)
    {
        _writer = isClassic ? new PcapWriter(_stream) : new PcapngWriter(_stream);
        foreach (string name in interfaces.Length == 0 ? [""] : interfaces) _writer.AddInterface(name);
    }

    public byte[] Octets => _stream.ToArray();

    public CaptureFile At(double seconds, byte[] frame, int interfaceId = 0, int originalLength = 0)
    {
        _writer.Write(interfaceId, Start + (long)(seconds * 1e9), frame, originalLength);
        return this;
    }

    public ReplayInput Input(string? interfaceName = null, string label = "in.pcapng") => InputOf(Octets, interfaceName, label);

    public static ReplayInput InputOf(byte[] octets, string? interfaceName = null, string label = "in.pcapng") =>
        new(label, interfaceName, () => new MemoryStream(octets, writable: false));

    /// <summary>All packets of a capture: interface name, seconds since <see cref="Start"/>, frame.</summary>
    public static List<(string Interface, double Seconds, byte[] Frame)> Read(byte[] octets)
    {
        ICaptureReader reader = CaptureReader.Open(new MemoryStream(octets));
        var packets = new List<(string, double, byte[])>();
        while (reader.TryReadNext(out CapturedPacket packet))
            packets.Add((reader.Interfaces[packet.InterfaceId].Name, (packet.Timestamp - Start) / 1e9, packet.Data.ToArray()));
        return packets;
    }
}
