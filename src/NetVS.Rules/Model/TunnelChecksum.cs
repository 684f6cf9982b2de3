namespace NetVS.Rules;

/// <summary>The checksum of a GUE or GRE tunnel; values as IPVS's tunnel flags.</summary>
public enum TunnelChecksum : byte
{
    /// <summary>No checksum.</summary>
    None = 0,

    /// <summary>The outer checksum is filled in.</summary>
    Checksum = 1,

    /// <summary>GUE's remote checksum offload.</summary>
    RemoteChecksum = 2,
}
