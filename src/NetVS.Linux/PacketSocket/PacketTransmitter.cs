using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;
using NetVS.Links;

namespace NetVS.Linux.PacketSocket;

/// <summary>Sends frames through an AF_PACKET socket in batches, unfinished checksums and unsegmented frames as they are.</summary>
/// <remarks>
/// Each message is a virtio-net header and a frame. A stable frame is sent from where it lies; any other is copied to an arena first. The
/// kernel copies both during sendmmsg, so nothing is referred to after <see cref="Flush"/>.
/// </remarks>
internal sealed unsafe class PacketTransmitter : IDisposable
{
    private const int Batch = 64;
    private const int ArenaSize = 512 << 10;

    private readonly SafeFileHandle _socket;
    private readonly int _descriptor;
    private readonly LinkCounters _counters;
    private readonly NativeMapping _memory;
    private readonly LibC.mmsghdr* _messages;
    private readonly LibC.iovec* _parts;
    private readonly VirtioNetHeader* _headers;
    private readonly byte* _arena;
    private int _count;
    private int _arenaUsed;

    /// <summary>Takes over a bound socket.</summary>
    public PacketTransmitter(SafeFileHandle socket, LinkCounters counters, string @object)
    {
        _socket = socket;
        _descriptor = (int)socket.DangerousGetHandle();
        _counters = counters;
        int messages = Batch * sizeof(LibC.mmsghdr);
        int parts = Batch * 2 * sizeof(LibC.iovec);
        int headers = Batch * 16;
        _memory = NativeMapping.Anonymous((nuint)(messages + parts + headers + ArenaSize), @object);
        _messages = (LibC.mmsghdr*)_memory.Address;
        _parts = (LibC.iovec*)(_memory.Address + messages);
        _headers = (VirtioNetHeader*)(_memory.Address + messages + parts);
        _arena = _memory.Address + messages + parts + headers;
        for (int i = 0; i < Batch; i++)
        {
            _parts[2 * i] = new LibC.iovec { iov_base = &_headers[i], iov_len = VirtioNetHeader.Size };
            _messages[i].msg_hdr.msg_iov = &_parts[2 * i];
            _messages[i].msg_hdr.msg_iovlen = 2;
        }
    }

    /// <summary>Queues a frame; see <see cref="ILink.Transmit"/>.</summary>
    public void Transmit(ref LinkFrame frame)
    {
        if (_count == Batch) Flush();
        Span<byte> octets = frame.Octets;
        byte* at;
        if (frame.IsStable)
        {
            // Stable frames are native memory that stays mapped: a ring, or the packet memory of AF_XDP.
            at = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(octets));
        }
        else
        {
            if (octets.Length > ArenaSize)
            {
                _counters.Add(LinkCounter.TransmitTooLong);
                return;
            }

            if (_arenaUsed + octets.Length > ArenaSize) Flush();
            at = _arena + _arenaUsed;
            octets.CopyTo(new Span<byte>(at, octets.Length));
            _arenaUsed += octets.Length;
        }

        _headers[_count] = VirtioNetHeader.From(in frame.Offload);
        _parts[(2 * _count) + 1] = new LibC.iovec { iov_base = at, iov_len = (nuint)octets.Length };
        _count++;
    }

    /// <summary>Sends what is queued; what the kernel does not take is dropped and counted.</summary>
    public void Flush()
    {
        int done = 0;
        while (done < _count)
        {
            _counters.Add(LinkCounter.TransmitCalls);
            int sent = LibC.sendmmsg(_descriptor, _messages + done, (uint)(_count - done), LibC.MSG_DONTWAIT);
            if (sent > 0)
            {
                CountSent(done, sent);
                done += sent;
                continue;
            }

            done += Refused(Marshal.GetLastPInvokeError(), _count - done);
        }

        _count = 0;
        _arenaUsed = 0;
    }

    /// <summary>Closes the socket and unmaps the memory.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        _memory.Dispose();
    }

    private void CountSent(int first, int count)
    {
        long octets = 0;
        for (int i = first; i < first + count; i++) octets += (long)_parts[(2 * i) + 1].iov_len;
        _counters.Add(LinkCounter.TransmittedFrames, count);
        _counters.Add(LinkCounter.TransmittedOctets, octets);
    }

    // How many of the waiting frames the error concerns: the first, or all.
    private int Refused(int errno, int left)
    {
        switch (errno)
        {
            case Errno.EINTR:
                return 0;
            case Errno.EAGAIN:
                _counters.Add(LinkCounter.TransmitRingFull, left);
                return left;
            case Errno.ENOBUFS:
                _counters.Add(LinkCounter.TransmitRingFull);
                return 1;
            case Errno.EMSGSIZE:
                _counters.Add(LinkCounter.TransmitTooLong);
                return 1;
            case Errno.ENETDOWN or Errno.ENXIO or Errno.ENODEV:
                _counters.Add(LinkCounter.TransmitLinkDown, left);
                return left;
            default:
                _counters.Add(LinkCounter.TransmitRefused);
                return 1;
        }
    }
}
