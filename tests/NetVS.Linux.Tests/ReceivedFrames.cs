using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.Tests;

/// <summary>Keeps a copy of each frame it is given, and does with it what it is told.</summary>
internal sealed class ReceivedFrames : IFrameHandler
{
    public delegate void FrameAction(ref LinkFrame frame);

    public List<(byte[] Octets, PacketOffload Offload, int Interface)> All { get; } = [];

    public FrameAction? Action { get; set; }

    /// <summary>Frames announced so far; a frame may be announced more than once.</summary>
    public List<byte[]> Announced { get; } = [];

    /// <summary>Frames that came without having been announced before.</summary>
    public int Unannounced { get; private set; }

    public void Expect(ReadOnlySpan<byte> frame) => Announced.Add(frame.ToArray());

    public void Handle(ref LinkFrame frame)
    {
        frame.Offset.ShouldBeGreaterThanOrEqualTo(LinkFrame.Headroom, "every link leaves room before a frame");
        byte[] octets = frame.Octets.ToArray();
        if (!Announced.Exists(a => a.AsSpan().SequenceEqual(octets))) Unannounced++;
        All.Add((frame.Octets.ToArray(), frame.Offload, frame.ReceiveInterface));
        Action?.Invoke(ref frame);
    }
}
