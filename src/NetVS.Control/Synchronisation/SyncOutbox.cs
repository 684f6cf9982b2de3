using System.Net.Sockets;
using NetVS.Sync;

namespace NetVS.Control.Synchronisation;

/// <summary>Messages that wait until the network takes them: at most <c>sync_qlen_max</c>, in their order.</summary>
/// <remarks>Thread: its master's thread.</remarks>
internal sealed class SyncOutbox(ISyncSender sender, SyncTally tally)
{
    private readonly Queue<(byte[] Octets, int Length, int Records)> _waiting = new();
    private readonly Stack<byte[]> _free = new();

    /// <summary>Messages that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Sends a message, or has it wait.</summary>
    /// <param name="message">The message; copied if it waits.</param>
    /// <param name="records">Records in it, for the counters.</param>
    /// <param name="limit">The most that may wait.</param>
    public void Send(ReadOnlySpan<byte> message, int records, int limit)
    {
        Flush();
        if (_waiting.Count == 0 && TrySend(message, records)) return;
        if (_waiting.Count >= limit)
        {
            tally.Count(SyncCount.QueueFull);
            return;
        }

        byte[] copy = _free.TryPop(out byte[]? used) && used.Length >= message.Length ? used : new byte[Math.Max(message.Length, 2048)];
        message.CopyTo(copy);
        _waiting.Enqueue((copy, message.Length, records));
    }

    /// <summary>Sends what waits, as far as the network takes it.</summary>
    public void Flush()
    {
        while (_waiting.TryPeek(out (byte[] Octets, int Length, int Records) first) && TrySend(first.Octets.AsSpan(0, first.Length), first.Records))
        {
            _waiting.Dequeue();
            if (_free.Count < 64) _free.Push(first.Octets);
        }
    }

    // False: later. What the kernel refuses for another reason is lost, and counted.
    private bool TrySend(ReadOnlySpan<byte> message, int records)
    {
        SocketError error = sender.Send(message);
        if (error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable) return false;
        if (error != SocketError.Success)
        {
            tally.Count(SyncCount.SendFailed);
            return true;
        }

        tally.Count(SyncCount.MessagesSent);
        tally.Add(SyncCount.OctetsSent, message.Length);
        tally.Add(SyncCount.RecordsSent, records);
        return true;
    }
}
