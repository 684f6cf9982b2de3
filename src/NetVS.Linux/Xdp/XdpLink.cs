using System.Runtime.InteropServices;
using NetVS.Linux.Native;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.Xdp;

/// <summary>One queue of one interface through AF_XDP.</summary>
/// <remarks>
/// <para>Frames received here and sent on another AF_XDP link of the same worker are not copied: the chunk changes hands.</para>
/// <para>Sending, copy mode: the kernel takes at most 32 descriptors per sendto (256 where it lets us ask for more) and answers EAGAIN
/// while there are more, so <see cref="Flush"/> calls until the ring is empty, or nothing moves. Completions are collected in
/// between, because the kernel stops when the completion ring is full.</para>
/// <para>Receiving: the fill ring is topped up in every <see cref="Release"/> to its share of the chunks
/// (<see cref="XdpUmem.FillShare"/>), so that one queue cannot take them all.</para>
/// </remarks>
internal sealed unsafe class XdpLink : ILink
{
    // XDP_PACKET_HEADROOM: where copies for sending begin, so that they have the room a received frame has.
    private const int CopyOffset = 256;

    // What a chunk can hold behind that headroom.
    private const int LongestFrame = XdpUmem.ChunkSize - CopyOffset;

    private readonly XdpSocket _socket;
    private readonly XdpUmem _umem;
    private readonly byte _identity;
    private readonly ulong[] _returns = new ulong[XdpSocket.RingSize];
    private int _returnCount;
    private bool _hasUnpublished;
    private bool _isDisposed;

    /// <summary>Takes over a bound socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="interfaceIndex">The device.</param>
    /// <param name="detectUnfinishedChecksums">Whether frames may come from a local stack, as on veth.</param>
    public XdpLink(XdpSocket socket, int interfaceIndex, bool detectUnfinishedChecksums)
    {
        _socket = socket;
        _umem = socket.Umem;
        _identity = _umem.TakeIdentity();
        InterfaceIndex = interfaceIndex;
        DetectUnfinishedChecksums = detectUnfinishedChecksums;
    }

    /// <inheritdoc/>
    public int InterfaceIndex { get; }

    /// <summary>Whether received frames are looked at for unfinished checksums.</summary>
    public bool DetectUnfinishedChecksums { get; }

    /// <inheritdoc/>
    public bool CanReceive => true;

    /// <inheritdoc/>
    public int Descriptor => _socket.Descriptor;

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <summary>The socket, for the socket map and for status.</summary>
    public XdpSocket Socket => _socket;

    /// <inheritdoc/>
    public int Receive(IFrameHandler handler, int budget)
    {
        uint count = _socket.Receive.Peek(Math.Min((uint)budget, (uint)(_returns.Length - _returnCount)));
        if (count == 0)
        {
            // The first call, or chunks were short at the last one.
            if (_socket.Fill.InFlight < _umem.FillShare / 2) Release();
            return 0;
        }

        long octets = 0;
        for (uint i = 0; i < Math.Min(count, IFrameHandler.ExpectAhead); i++) Expect(handler, _socket.Receive[i]);
        for (uint i = 0; i < count; i++)
        {
            if (i + IFrameHandler.ExpectAhead < count) Expect(handler, _socket.Receive[i + IFrameHandler.ExpectAhead]);
            else handler.Expect(default);
            xdp_desc descriptor = _socket.Receive[i];
            octets += descriptor.len;
            Handle(handler, descriptor);
        }

        _socket.Receive.Release(count);
        Counters.Add(LinkCounter.ReceivedFrames, count);
        Counters.Add(LinkCounter.ReceivedOctets, octets);
        return (int)count;
    }

    /// <inheritdoc/>
    public void Transmit(ref LinkFrame frame)
    {
        if (frame.Offload.NeedsChecksum || frame.Offload.Gso != GsoKind.None)
        {
            TransmitUnfinished(ref frame);
            return;
        }

        if (frame.Length > LongestFrame)
        {
            Counters.Add(LinkCounter.TransmitTooLong);
            return;
        }

        if (!MakeRoom()) return;
        if (ReferenceEquals(frame.Pool, _umem) && frame.IsStable)
        {
            frame.IsTaken = true;
            Enqueue(frame.Chunk, frame.Offset, frame.Length);
            return;
        }

        TransmitCopy(frame.Octets);
    }

    /// <inheritdoc/>
    public bool Flush()
    {
        if (_hasUnpublished)
        {
            _socket.Transmit.Publish();
            _hasUnpublished = false;
        }

        Complete();
        uint left = _socket.Transmit.InFlight;
        int refusals = 0;
        while (left > 0 && _socket.Transmit.NeedsWakeup)
        {
            Counters.Add(LinkCounter.TransmitCalls);
            nint result = LibC.sendto(Descriptor, null, 0, LibC.MSG_DONTWAIT, null, 0);
            int errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
            Complete();
            uint now = _socket.Transmit.InFlight;

            // ENETDOWN, ENXIO: the link will be taken away or come back; anything else may pass, but not by trying for ever.
            if (errno is Errno.ENETDOWN or Errno.ENXIO) return true;
            if (now == left && (result >= 0 || ++refusals > 3)) break;
            left = now;
        }

        return left == 0 || !_socket.Transmit.NeedsWakeup;
    }

    /// <inheritdoc/>
    public void Release()
    {
        for (int i = 0; i < _returnCount; i++) _umem.Return(_returns[i]);
        _returnCount = 0;
        Refill();
    }

    /// <inheritdoc/>
    public void Maintain()
    {
        xdp_statistics statistics = _socket.ReadStatistics();
        Counters.Set(LinkCounter.ReceiveRingFull, (long)statistics.rx_ring_full);
        Counters.Set(LinkCounter.FillRingEmpty, (long)statistics.rx_fill_ring_empty_descs);
        Counters.Set(LinkCounter.ReceiveRefused, (long)(statistics.rx_dropped + statistics.rx_invalid_descs));
        Counters.Set(LinkCounter.TransmitRefused, (long)statistics.tx_invalid_descs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        Maintain();
        for (int i = 0; i < _returnCount; i++) _umem.Return(_returns[i]);
        _returnCount = 0;
        _socket.Dispose();
        _umem.Reclaim(_identity);
    }

    private void Expect(IFrameHandler handler, in xdp_desc descriptor)
    {
        ulong chunk = descriptor.addr & ~(ulong)(XdpUmem.ChunkSize - 1);
        handler.Expect(_umem.Octets(chunk).Slice((int)(descriptor.addr - chunk), (int)descriptor.len));
    }

    private void Handle(IFrameHandler handler, in xdp_desc descriptor)
    {
        ulong chunk = descriptor.addr & ~(ulong)(XdpUmem.ChunkSize - 1);
        _umem.TakeFromSocket(chunk);
        var frame = new LinkFrame
        {
            Buffer = _umem.Octets(chunk),
            Offset = (int)(descriptor.addr - chunk),
            Length = (int)descriptor.len,
            ReceiveInterface = InterfaceIndex,
            IsStable = true,
            Pool = _umem,
            Chunk = chunk,
        };
        if (DetectUnfinishedChecksums && UnfinishedChecksum.TryDetect(frame.Octets, out frame.Offload))
            Counters.Add(LinkCounter.UnfinishedChecksums);
        handler.Handle(ref frame);
        if (!frame.IsTaken) _returns[_returnCount++] = chunk;
    }

    private void TransmitUnfinished(ref LinkFrame frame)
    {
        if (frame.Offload.Gso == GsoKind.None)
        {
            if (!ChecksumCompletion.TryComplete(frame.Octets, ref frame.Offload))
            {
                Counters.Add(LinkCounter.TransmitBadOffload);
                return;
            }

            Counters.Add(LinkCounter.CompletedChecksums);
            Transmit(ref frame);
            return;
        }

        if (Segmenter.Create(frame.Octets, in frame.Offload, out Segmenter segmenter) != SegmenterError.None)
        {
            Counters.Add(LinkCounter.TransmitBadOffload);
            return;
        }

        if (segmenter.LongestFrame > LongestFrame)
        {
            Counters.Add(LinkCounter.TransmitTooLong);
            return;
        }

        Counters.Add(LinkCounter.SegmentedFrames);
        TransmitSegments(ref segmenter);
    }

    // Each segment is written straight into a chunk of its own.
    private void TransmitSegments(ref Segmenter segmenter)
    {
        for (int left = segmenter.Count; left > 0; left--)
        {
            if (!MakeRoom() || !TryTakeChunk(out ulong chunk)) return;
            if (!segmenter.TryWriteNext(_umem.Octets(chunk)[CopyOffset..], out int length))
            {
                _umem.Return(chunk);
                return;
            }

            Enqueue(chunk, CopyOffset, length);
        }
    }

    private void TransmitCopy(ReadOnlySpan<byte> octets)
    {
        if (!TryTakeChunk(out ulong chunk)) return;
        octets.CopyTo(_umem.Octets(chunk)[CopyOffset..]);
        Enqueue(chunk, CopyOffset, octets.Length);
    }

    private bool TryTakeChunk(out ulong chunk)
    {
        if (_umem.TryTake(out chunk)) return true;
        Complete();
        if (_umem.TryTake(out chunk)) return true;
        Counters.Add(LinkCounter.TransmitNoChunk);
        return false;
    }

    private void Enqueue(ulong chunk, int offset, int length)
    {
        _umem.GiveTo(chunk, _identity);
        _socket.Transmit.Write(new xdp_desc { addr = chunk + (uint)offset, len = (uint)length });
        _hasUnpublished = true;
        Counters.Add(LinkCounter.TransmittedFrames);
        Counters.Add(LinkCounter.TransmittedOctets, length);
    }

    private bool MakeRoom()
    {
        if (_socket.Transmit.FreeAtLeast(1) > 0) return true;
        Flush();
        if (_socket.Transmit.FreeAtLeast(1) > 0) return true;
        Counters.Add(LinkCounter.TransmitRingFull);
        return false;
    }

    private void Complete()
    {
        uint count = _socket.Completion.Peek(XdpSocket.RingSize);
        if (count == 0) return;
        for (uint i = 0; i < count; i++) _umem.Return(_socket.Completion[i] & ~(ulong)(XdpUmem.ChunkSize - 1));
        _socket.Completion.Release(count);
    }

    private void Refill()
    {
        uint waiting = _socket.Fill.InFlight;
        uint share = _umem.FillShare;
        if (waiting >= share) return;
        uint wanted = share - waiting;
        uint given = 0;
        while (given < wanted && _umem.TryTake(out ulong chunk))
        {
            _umem.GiveTo(chunk, _identity);
            _socket.Fill.Write(chunk);
            given++;
        }

        if (given == 0) return;
        _socket.Fill.Publish();
        if (_socket.Fill.NeedsWakeup) _ = LibC.recvfrom(Descriptor, null, 0, LibC.MSG_DONTWAIT, null, null);
    }
}
