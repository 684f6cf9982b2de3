using System.Diagnostics;
using System.Runtime.CompilerServices;
using NetVS.Director;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Workers;

/// <content>What becomes of each frame.</content>
public sealed partial class WorkerLoop
{
    /// <summary>One frame from a link: the owner's work, or the next worker's.</summary>
    public void Handle(ref LinkFrame frame)
    {
        var packet = new Packet
        {
            Buffer = frame.Buffer,
            Offset = frame.Offset,
            Length = frame.Length,
            ReceiveInterface = _isFromStack ? Packet.FromStack : frame.ReceiveInterface,
            Mark = frame.Mark,
            Offload = frame.Offload,
        };
        if (_outbound.Length > 1)
        {
            int owner = _worker.FindOwner(in packet);
            if (owner != _worker.Index)
            {
                HandOver(owner, in packet);
                return;
            }
        }

        CarryOut(_worker.Process(ref packet, _now), ref packet, ref frame);
    }

    /// <inheritdoc/>
    public void Expect(ReadOnlySpan<byte> frame) => _worker.Expect(frame);

    /// <inheritdoc/>
    public void Emit(ref Packet packet, Verdict verdict)
    {
        LinkFrame frame = default;
        CarryOut(verdict, ref packet, ref frame);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void HandOver(int owner, in Packet packet)
    {
        if (_outbound[owner]!.TryWrite(packet.Frame, packet.ReceiveInterface, in packet.Offload, packet.Mark)) _handedTo[owner] = true;
        else _worker.CountDrop(DropReason.HandOverFull);
    }

    private void WakePeers()
    {
        for (int i = 0; i < _handedTo.Length; i++)
        {
            if (!_handedTo[i]) continue;
            _handedTo[i] = false;
            _peers[i].WakeIfAsleep();
        }
    }

    private void CarryOut(Verdict verdict, ref Packet packet, ref LinkFrame frame)
    {
        switch (verdict)
        {
            case Verdict.Transmit:
                Transmit(ref packet, ref frame);
                break;
            case Verdict.AwaitNeighbour:
                HoldFrame(ref packet);
                break;
            case Verdict.ToStack:
                GiveToStack(ref packet, ref frame);
                break;
            default:
                Debug.Assert(verdict == Verdict.Drop, "a verdict that nobody carries out");
                break;
        }
    }

    private void Transmit(ref Packet packet, ref LinkFrame frame)
    {
        LinkTable.Slot? slot = _links.Find(packet.TransmitInterface);
        if (slot is null)
        {
            _worker.CountDrop(DropReason.NextHopUnreachable);
            return;
        }

        Update(ref frame, in packet);
        slot.Link.Transmit(ref frame);
        if (slot.IsDirty) return;
        slot.IsDirty = true;
        _dirty[_dirtyCount++] = slot;
    }

    // What the frame is now, after the director. A frame that is not where it was received must be copied.
    private static void Update(ref LinkFrame frame, in Packet packet)
    {
        if (frame.Buffer != packet.Buffer)
        {
            frame.Buffer = packet.Buffer;
            frame.IsStable = false;
            frame.Pool = null;
        }

        frame.Offset = packet.Offset;
        frame.Length = packet.Length;
        frame.Offload = packet.Offload;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void HoldFrame(ref Packet packet)
    {
        int evicted = _held.Hold(in packet, _now);
        if (evicted > 0) _worker.CountDrop(DropReason.NextHopQueueFull);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GiveToStack(ref Packet packet, ref LinkFrame frame)
    {
        if (_stack is null)
        {
            _worker.CountDrop(DropReason.StackUnavailable);
            return;
        }

        Update(ref frame, in packet);
        _stack.Transmit(ref frame);
    }

    private void LookAtHeld()
    {
        long version = _nextHops.Version;
        if (version == _seenNextHops && _now - _held.Oldest < s_holdTime) return;
        _seenNextHops = version;
        for (int i = 0; i < _held.Count;)
        {
            NextHop hop = _nextHops.Read(_held.NextHopOf(i));
            if (hop.State == NextHopState.Reachable)
            {
                Packet packet = _held.At(i);
                LinkFrame frame = default;
                DirectorWorker.CompleteNeighbour(ref packet, in hop);
                Transmit(ref packet, ref frame);
            }
            else if (hop.State == NextHopState.Failed) _worker.CountDrop(DropReason.NextHopUnreachable);
            else if (_now - _held.SinceOf(i) >= s_holdTime) _worker.CountDrop(DropReason.NextHopTimeout);
            else
            {
                i++;
                continue;
            }

            _held.Remove(i);
        }
    }
}
