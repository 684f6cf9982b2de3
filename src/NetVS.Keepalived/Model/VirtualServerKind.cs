namespace NetVS.Keepalived.Model;

/// <summary>What a virtual_server is identified by.</summary>
public enum VirtualServerKind
{
    /// <summary>An address, a port and a protocol.</summary>
    Address,

    /// <summary>A firewall mark.</summary>
    Mark,

    /// <summary>The entries of a group.</summary>
    Group,
}
