using NetVS.Packets;

namespace NetVS.Director.Persistence;

/// <summary>Finds in a packet by what, besides its address, a client is to keep its real server.</summary>
/// <remarks>Payloads come from the network: any octets. No state; called by any worker.</remarks>
internal interface IPersistenceEngine
{
    /// <summary>Its name, as rules and listings have it.</summary>
    string Name { get; }

    /// <summary>The protocol of the packets it understands.</summary>
    IpProtocol Protocol { get; }

    /// <summary>Finds the key.</summary>
    /// <param name="payload">What follows the transport header; of a fragment, what is there.</param>
    /// <param name="key">A part of the payload: 1 to <see cref="EngineKeys.Longest"/> octets.</param>
    /// <returns>False when there is none, and the packet cannot begin a connection.</returns>
    bool TryFindKey(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> key);
}
