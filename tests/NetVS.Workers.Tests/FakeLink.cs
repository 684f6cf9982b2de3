using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Workers.Tests;

/// <summary>A link whose frames a test puts in and takes out; checks that it is used in order.</summary>
internal sealed class FakeLink(int interfaceIndex, bool canReceive = true) : ILink
{
    private readonly Queue<byte[]> _waiting = new();
    private bool _isUnreleased;

    public List<(byte[] Octets, PacketOffload Offload)> Sent { get; } = [];

    public List<(byte[] Octets, PacketOffload Offload)> Queued { get; } = [];

    public int InterfaceIndex { get; } = interfaceIndex;

    public bool CanReceive => canReceive;

    public int Descriptor => -1;

    public LinkCounters Counters { get; } = new();

    public bool IsDisposed { get; private set; }

    public int Flushes { get; private set; }

    public bool IsStuck { get; set; }

    public void Put(byte[] frame) => _waiting.Enqueue(frame);

    public int Receive(IFrameHandler handler, int budget)
    {
        _isUnreleased.ShouldBeFalse("a batch is released before the next is received");
        int count = 0;
        while (count < budget && _waiting.TryDequeue(out byte[]? octets))
        {
            count++;
            byte[] room = new byte[LinkFrame.Headroom + octets.Length + 128];
            octets.CopyTo(room, LinkFrame.Headroom);
            var frame = new LinkFrame
            {
                Buffer = room, Offset = LinkFrame.Headroom, Length = octets.Length, ReceiveInterface = InterfaceIndex, IsStable = true, Pool = this,
            };
            handler.Handle(ref frame);
        }

        _isUnreleased = count > 0;
        return count;
    }

    public void Transmit(ref LinkFrame frame) => Queued.Add((frame.Octets.ToArray(), frame.Offload));

    public bool Flush()
    {
        Flushes++;
        if (IsStuck) return false;
        Sent.AddRange(Queued);
        Queued.Clear();
        return true;
    }

    public void Release() => _isUnreleased = false;

    public void Maintain()
    {
    }

    public void Dispose() => IsDisposed = true;
}
