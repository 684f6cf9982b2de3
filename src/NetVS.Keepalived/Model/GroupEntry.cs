using NetVS.Keepalived.Language;
using NetVS.Packets;

namespace NetVS.Keepalived.Model;

/// <summary>An entry of a virtual_server_group.</summary>
public sealed record GroupEntry
{
    /// <summary>What it is.</summary>
    public GroupEntryKind Kind { get; init; }

    /// <summary>The first address.</summary>
    public IpAddress First { get; init; }

    /// <summary>The last address.</summary>
    public IpAddress Last { get; init; }

    /// <summary>The port, host order; 0 for every port.</summary>
    public ushort Port { get; init; }

    /// <summary>The firewall mark.</summary>
    public uint Mark { get; init; }

    /// <summary>The family; none for a mark that does not say.</summary>
    public IpFamily Family { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; init; }
}
