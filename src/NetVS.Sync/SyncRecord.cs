using NetVS.Packets;

namespace NetVS.Sync;

/// <summary>One connection or template, as messages tell of it (reference §14.2). Numbers in host order; all addresses of one family.</summary>
public readonly record struct SyncRecord
{
    /// <summary>The transport protocol; <see cref="IpProtocol.HopByHop"/> (0) for the templates of mark services.</summary>
    public IpProtocol Protocol { get; init; }

    /// <summary>The state's number (<c>TcpState</c>; 0 for UDP; 1 for a template that was confirmed).</summary>
    public ushort State { get; init; }

    /// <summary>Bits of <see cref="SyncFlags"/>.</summary>
    public uint Flags { get; init; }

    /// <summary>CIP; under the service's netmask for a template.</summary>
    public IpAddress Client { get; init; }

    /// <summary>VIP; for the template of a mark service the mark.</summary>
    public IpAddress Virtual { get; init; }

    /// <summary>RIP.</summary>
    public IpAddress Real { get; init; }

    /// <summary>The client's port; 0 for a template.</summary>
    public ushort ClientPort { get; init; }

    /// <summary>The virtual port.</summary>
    public ushort VirtualPort { get; init; }

    /// <summary>The real server's port.</summary>
    public ushort RealPort { get; init; }

    /// <summary>The firewall mark of the service; 0 for none. Version 0 does not carry it.</summary>
    public uint Mark { get; init; }

    /// <summary>The timeout of the state, in seconds, not what is left of it; 0 where the message does not say (version 0).</summary>
    public uint Timeout { get; init; }

    /// <summary>How the sequence numbers of the client's octets are adjusted; whoever reads or writes a message moves it from and to its extras.</summary>
    public SyncSequence Inbound { get; init; }

    /// <summary>How the sequence numbers of the real server's octets are adjusted.</summary>
    public SyncSequence Outbound { get; init; }

    /// <summary>Whether it is a persistence template.</summary>
    public bool IsTemplate => (Flags & SyncFlags.Template) != 0;
}
