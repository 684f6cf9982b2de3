using NetVS.Keepalived.Language;
using NetVS.Packets;

namespace NetVS.Keepalived.Model;

/// <summary>An address that is put on an interface (reference §4.1).</summary>
public sealed record ConfiguredAddress
{
    /// <summary>The address.</summary>
    public IpAddress Address { get; init; }

    /// <summary>Its prefix length.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The other end of a point-to-point link; none if there is none.</summary>
    public IpAddress Peer { get; init; }

    /// <summary>The broadcast address, + or -; null for none.</summary>
    public string? Broadcast { get; init; }

    /// <summary>The interface; null for the instance's.</summary>
    public string? Interface { get; init; }

    /// <summary>The scope.</summary>
    public string? Scope { get; init; }

    /// <summary>The label.</summary>
    public string? Label { get; init; }

    /// <summary>The preferred lifetime: seconds or forever.</summary>
    public string? PreferredLifetime { get; init; }

    /// <summary>The track group whose interfaces it follows; only static addresses.</summary>
    public string? TrackGroup { get; init; }

    /// <summary>IPv6: flagged as home address.</summary>
    public bool IsHome { get; init; }

    /// <summary>IPv6: duplicate address detection is done (-nodad).</summary>
    public bool HasDuplicateDetection { get; init; }

    /// <summary>IPv6: mngtmpaddr.</summary>
    public bool HasTemporaryAddresses { get; init; }

    /// <summary>noprefixroute.</summary>
    public bool HasNoPrefixRoute { get; init; }

    /// <summary>autojoin.</summary>
    public bool IsAutojoin { get; init; }

    /// <summary>Not tracked: its deletion by others is not noticed.</summary>
    public bool IsUntracked { get; init; }

    /// <summary>It is put on a virtual-MAC interface.</summary>
    public bool UsesVirtualMac { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position { get; init; }
}
