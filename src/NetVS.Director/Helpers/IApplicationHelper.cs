using NetVS.Packets;

namespace NetVS.Director.Helpers;

/// <summary>Reads the lines of one protocol's control connections through NAT: which connections follow, and which addresses in its text must change.</summary>
/// <remarks>
/// A helper has no state but what is in the session, and does nothing itself: it fills in an order. Lines come from the network: any octets, with their
/// line feed, or without it where a segment ends. It is called by any worker. To write another one, see docs/helpers.md.
/// </remarks>
internal interface IApplicationHelper
{
    /// <summary>Its name, as listings print it.</summary>
    string Name { get; }

    /// <summary>The protocol of its control connections.</summary>
    IpProtocol Protocol { get; }

    /// <summary>The virtual ports of its control connections, host order.</summary>
    ReadOnlySpan<ushort> PortsOf(DirectorSettings settings);

    /// <summary>Reads a whole line of the client's, once. Its text cannot be replaced.</summary>
    void ReadRequest(ref HelperSession session, in HelperEnds ends, ReadOnlySpan<byte> line, ref HelperOrder order);

    /// <summary>
    /// Reads a line of the real server's. When a segment is retransmitted it comes again, and then the same must come of it until the client has
    /// answered.
    /// </summary>
    void ReadReply(ref HelperSession session, in HelperEnds ends, ReadOnlySpan<byte> line, ref HelperOrder order);
}
