namespace NetVS.Sync.Peers;

/// <summary>Each side's first frame.</summary>
/// <param name="Version">The format's version; sides with different ones part.</param>
/// <param name="Instance">A random number of this run of the director, by which it knows itself.</param>
public readonly record struct PeerHello(ushort Version, UInt128 Instance);
