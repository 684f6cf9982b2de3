using NetVS.Memory;

namespace NetVS.Director.Helpers;

/// <summary>The control connections that helpers look after, of all workers and both families.</summary>
/// <remarks>
/// <para>A session is made with its control connection. The data connections that it announces belong to other workers; each of them, and each that is
/// still expected, holds the session, and the control connection is kept as long as anything holds it (reference §5.4).</para>
/// <para>The lock is taken when a control or data connection begins, ends or is expected, by no other packet.</para>
/// Memory is reserved for all sessions and becomes resident as it is used.
/// </remarks>
/// <param name="connections">The most connections: there cannot be more sessions.</param>
internal sealed class HelperSessions(int connections) : IDisposable
{
    /// <summary>The most sessions at once.</summary>
    public const int Most = 65_536;

    /// <summary>The most data connections of a session, those that are only expected included.</summary>
    public const int MostHeld = 64;

    private readonly Lock _lock = new();
    private readonly int _capacity = Math.Min(connections, Most);
    private readonly NativeSlab<HelperSession> _sessions = new(Math.Min(connections, Most) + 1);
    private int _highest;
    private int _free;

    /// <summary>A session, in place. Thread: the worker of its control connection.</summary>
    public ref HelperSession this[int slot] => ref _sessions[slot];

    /// <summary>Makes the session of a new control connection.</summary>
    /// <param name="helper">Which helper.</param>
    /// <param name="port">The virtual port.</param>
    /// <param name="clientPort">The client's port.</param>
    /// <param name="slot">Its place, 1 and up.</param>
    /// <returns>False when there are <see cref="Most"/>, or as many as connections.</returns>
    public bool TryBegin(byte helper, ushort port, ushort clientPort, out int slot)
    {
        lock (_lock)
        {
            slot = _free;
            if (slot != 0) _free = _sessions[slot].NextFree;
            else if (_highest < _capacity) slot = ++_highest;
            else return false;
            _sessions[slot] = new HelperSession { Helper = helper, Port = port, ClientPort = clientPort, HasControl = true };
            return true;
        }
    }

    /// <summary>Returns the memory. Nobody may use it any more.</summary>
    public void Dispose() => _sessions.Dispose();

    /// <summary>The control connection has ended; what it announced goes on.</summary>
    public void EndControl(int slot)
    {
        lock (_lock)
        {
            _sessions[slot].HasControl = false;
            FreeIfUnused(slot);
        }
    }

    /// <summary>A data connection is expected.</summary>
    /// <returns>False when the session has <see cref="MostHeld"/>.</returns>
    public bool TryHold(int slot)
    {
        lock (_lock)
        {
            ref HelperSession session = ref _sessions[slot];
            if (session.Held >= MostHeld) return false;
            session.Held++;
            return true;
        }
    }

    /// <summary>A data connection has ended, or is expected no more.</summary>
    public void Release(int slot)
    {
        lock (_lock)
        {
            _sessions[slot].Held--;
            FreeIfUnused(slot);
        }
    }

    /// <summary>Finds the ends of a session's control connection.</summary>
    /// <returns>False when it has ended.</returns>
    public bool TryFindControl(int slot, out ushort clientPort, out ushort virtualPort)
    {
        lock (_lock)
        {
            ref HelperSession session = ref _sessions[slot];
            (clientPort, virtualPort) = (session.ClientPort, session.Port);
            return session.HasControl;
        }
    }

    /// <summary>Whether anything holds a session.</summary>
    public bool IsHeld(int slot)
    {
        lock (_lock) return _sessions[slot].Held > 0;
    }

    /// <summary>Control connections by helper and port.</summary>
    public Dictionary<(byte Helper, ushort Port), int> Count()
    {
        var counts = new Dictionary<(byte, ushort), int>();
        lock (_lock)
        {
            for (int slot = 1; slot <= _highest; slot++)
            {
                ref HelperSession session = ref _sessions[slot];
                if (!session.HasControl) continue;
                (byte, ushort) key = (session.Helper, session.Port);
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        return counts;
    }

    private void FreeIfUnused(int slot)
    {
        ref HelperSession session = ref _sessions[slot];
        if (session.HasControl || session.Held > 0) return;
        session.Helper = 0;
        session.NextFree = _free;
        _free = slot;
    }
}
