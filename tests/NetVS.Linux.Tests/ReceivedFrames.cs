using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.Tests;

/// <summary>Keeps a copy of each frame it is given, and does with it what it is told.</summary>
internal sealed class ReceivedFrames : IFrameHandler
{
    public delegate void FrameAction(ref LinkFrame frame);

    public List<(byte[] Octets, PacketOffload Offload, int Interface)> All { get; } = [];

    public FrameAction? Action { get; set; }

    public void Handle(ref LinkFrame frame)
    {
        frame.Offset.ShouldBeGreaterThanOrEqualTo(LinkFrame.Headroom, "every link leaves room before a frame");
        All.Add((frame.Octets.ToArray(), frame.Offload, frame.ReceiveInterface));
        Action?.Invoke(ref frame);
    }
}
