namespace NetVS.Packets.Headers;

/// <summary>One option of a TCP header: where it stands among the options.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Offset">Octets from the first option octet to its kind octet.</param>
/// <param name="Length">All its octets, kind and length included; 1 for NoOperation.</param>
public readonly record struct TcpOption(TcpOptionKind Kind, int Offset, int Length);
