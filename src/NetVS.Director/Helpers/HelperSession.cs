namespace NetVS.Director.Helpers;

/// <summary>What a helper knows of one control connection: an entry of <see cref="HelperSessions"/>.</summary>
/// <remarks>Thread: the worker of the control connection; what the table keeps is the table's, under its lock.</remarks>
internal struct HelperSession
{
    /// <summary>The sequence numbers of the client's octets.</summary>
    public SequenceShifts Inbound;

    /// <summary>The sequence numbers of the real server's octets.</summary>
    public SequenceShifts Outbound;

    /// <summary>The client's lines.</summary>
    public LineCollector Requests;

    /// <summary>What the helper itself remembers; 0 at first. Its meaning is the helper's.</summary>
    public int Mode;

    /// <summary>The virtual port it was made for; the table's.</summary>
    internal ushort Port;

    /// <summary>The client's port of the control connection; the table's.</summary>
    internal ushort ClientPort;

    /// <summary>Which helper it is, from 1; 0 while the entry is free. The table's.</summary>
    internal byte Helper;

    /// <summary>Whether the control connection lives; the table's.</summary>
    internal bool HasControl;

    /// <summary>Connections, and expected ones, that belong to it; the table's.</summary>
    internal int Held;

    /// <summary>The next free entry; the table's.</summary>
    internal int NextFree;

    /// <summary>Forgets what was seen: the connection begins anew.</summary>
    /// <param name="clientSequence">The sequence number of the client's first octet.</param>
    public void Restart(uint clientSequence)
    {
        Inbound = default;
        Outbound = default;
        Mode = 0;
        Requests.Begin(clientSequence);
    }
}
