namespace NetVS.Keepalived.Model;

/// <summary>What an entry of a virtual_server_group is.</summary>
public enum GroupEntryKind
{
    /// <summary>Addresses, one after another.</summary>
    Addresses,

    /// <summary>A firewall mark.</summary>
    Mark,
}
