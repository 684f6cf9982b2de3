using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.Tap;

/// <summary>One worker's queue of the tap device: frames to the host's stack, replies of real servers on this host, and what the host's
/// packet filter marked and sent here.</summary>
/// <remarks>
/// Each frame is one system call: what comes this way is the exception. What is read was on its way out by some interface when it was
/// turned round; where it goes after the director's work is looked up afresh.
/// </remarks>
internal sealed unsafe class TapLink : ILink
{
    private const int Buffers = 16;
    private const int BufferSize = 68 << 10;
    private const int Tailroom = 128;

    private readonly SafeFileHandle _queue;
    private readonly int _descriptor;
    private readonly MacAddress _mac;
    private readonly NativeMapping _memory;
    private int _buffersUsed;

    /// <summary>Takes over a queue of a device.</summary>
    public TapLink(SafeFileHandle queue, int interfaceIndex, MacAddress mac, string name)
    {
        _queue = queue;
        _descriptor = (int)queue.DangerousGetHandle();
        _mac = mac;
        _memory = NativeMapping.Anonymous(Buffers * BufferSize, name);
        InterfaceIndex = interfaceIndex;
    }

    /// <inheritdoc/>
    public int InterfaceIndex { get; }

    /// <inheritdoc/>
    public bool CanReceive => true;

    /// <inheritdoc/>
    public int Descriptor => _descriptor;

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <inheritdoc/>
    public int Receive(IFrameHandler handler, int budget)
    {
        int count = 0;
        LibC.iovec* parts = stackalloc LibC.iovec[2];
        VirtioNetHeader header;
        while (count < budget && _buffersUsed < Buffers)
        {
            byte* buffer = _memory.Address + (_buffersUsed * BufferSize);
            parts[0] = new LibC.iovec { iov_base = &header, iov_len = VirtioNetHeader.Size };
            parts[1] = new LibC.iovec { iov_base = buffer + LinkFrame.Headroom, iov_len = BufferSize - LinkFrame.Headroom - Tailroom };
            nint length = LibC.readv(_descriptor, parts, 2) - VirtioNetHeader.Size;
            if (length < 0) break;
            count++;
            _buffersUsed++;
            Counters.Add(LinkCounter.ReceivedFrames);
            Counters.Add(LinkCounter.ReceivedOctets, length);
            bool isMarked = TryReadMark(new ReadOnlySpan<byte>(buffer + LinkFrame.Headroom, (int)length), out uint mark);
            if (!isMarked && IsOwn(new ReadOnlySpan<byte>(buffer + LinkFrame.Headroom, (int)length))) continue;
            var frame = new LinkFrame
            {
                Buffer = new Span<byte>(buffer, BufferSize),
                Offset = LinkFrame.Headroom,
                Length = (int)length,
                ReceiveInterface = InterfaceIndex,
                IsStable = true,
                Mark = mark,
            };
            if (header.TryRead(0, out frame.Offload)) handler.Handle(ref frame);
            else Counters.Add(LinkCounter.ReceiveUnknownOffload);
        }

        return count;
    }

    /// <summary>Hands a frame to the host's stack: with the tap's own address as its destination, it counts as received.</summary>
    public void Transmit(ref LinkFrame frame)
    {
        Span<byte> octets = frame.Octets;
        if (octets.Length < 14)
        {
            Counters.Add(LinkCounter.TransmitRefused);
            return;
        }

        _mac.Write(octets);
        VirtioNetHeader header = VirtioNetHeader.From(in frame.Offload);
        fixed (byte* at = octets)
        {
            LibC.iovec* parts = stackalloc LibC.iovec[2];
            parts[0] = new LibC.iovec { iov_base = &header, iov_len = VirtioNetHeader.Size };
            parts[1] = new LibC.iovec { iov_base = at, iov_len = (nuint)octets.Length };
            Counters.Add(LinkCounter.TransmitCalls);
            if (LibC.writev(_descriptor, parts, 2) >= 0)
            {
                Counters.Add(LinkCounter.TransmittedFrames);
                Counters.Add(LinkCounter.TransmittedOctets, octets.Length);
                return;
            }
        }

        Counters.Add(Marshal.GetLastPInvokeError() switch
        {
            Errno.EAGAIN or Errno.ENOBUFS => LinkCounter.TransmitRingFull,
            Errno.EIO => LinkCounter.TransmitLinkDown,
            _ => LinkCounter.TransmitRefused,
        });
    }

    /// <inheritdoc/>
    public bool Flush() => true;

    /// <inheritdoc/>
    public void Release() => _buffersUsed = 0;

    /// <inheritdoc/>
    public void Maintain()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        _memory.Dispose();
    }

    // bpf/divert.h, MARKED_MAC: packets that the host's packet filter marked and sent here.
    private static bool TryReadMark(ReadOnlySpan<byte> frame, out uint mark)
    {
        bool isMarked = frame.Length >= 2 * MacAddress.Size && frame.StartsWith("\x4eNVSmk"u8);
        mark = isMarked ? BinaryPrimitives.ReadUInt32BigEndian(frame[8..]) : 0;
        return isMarked;
    }

    // The stack's own chatter on the tap (multicast listener reports), or too short to be anything.
    private bool IsOwn(ReadOnlySpan<byte> frame) =>
        frame.Length < 2 * MacAddress.Size || MacAddress.Read(frame[MacAddress.Size..]) == _mac;
}
