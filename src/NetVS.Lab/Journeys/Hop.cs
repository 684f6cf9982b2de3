using NetVS.Lab.Hosts;
using NetVS.Packets;

namespace NetVS.Lab.Journeys;

/// <summary>What the textbook says about one hop of one packet: from which interface to which, with what addresses.</summary>
/// <param name="From">The interface that sends the frame; its MAC is the frame's source.</param>
/// <param name="To">The interface that receives it; its MAC is the frame's destination, its wire is where the capture is.</param>
/// <param name="Source">The source endpoint; port 0 stands for a port that only the run itself can tell.</param>
/// <param name="Destination">The destination endpoint; port 0 likewise.</param>
/// <param name="Ttl">The TTL or hop limit that arrives.</param>
internal sealed record Hop(LabLink From, LabLink To, IpEndpoint Source, IpEndpoint Destination, int Ttl)
{
    /// <summary>The outer header's addresses, for a hop inside a tunnel.</summary>
    public (IpAddress Source, IpAddress Destination)? Outer { get; init; }

    /// <summary>What stands between outer and inner header, as <see cref="WirePacket.Shim"/>.</summary>
    public string Shim { get; init; } = "";

    /// <summary>Whether a TOA option must carry the client's endpoint on the segments that have one by the rules.</summary>
    public bool CarriesClientAddress { get; init; }

    /// <summary>Why the hop looks so, in a few words: what the director or router did.</summary>
    public string Because { get; init; } = "";
}
