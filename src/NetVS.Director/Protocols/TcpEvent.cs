namespace NetVS.Director.Protocols;

/// <summary>What a TCP segment means to the state machine; the values are rows of its tables.</summary>
internal enum TcpEvent : byte
{
    /// <summary>SYN, with or without ACK.</summary>
    Syn = 0,

    /// <summary>FIN.</summary>
    Fin = 1,

    /// <summary>ACK alone.</summary>
    Ack = 2,

    /// <summary>RST, whatever else is set.</summary>
    Rst = 3,

    /// <summary>None of the four flags: the connection closes.</summary>
    None = 4,
}
