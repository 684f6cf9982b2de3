namespace NetVS.Packets.Headers;

/// <summary>ICMPv6 types and codes this project knows (RFC 4443, RFC 4861).</summary>
public static class Icmpv6Type
{
    /// <summary>Destination unreachable.</summary>
    public const byte DestinationUnreachable = 1;

    /// <summary>Packet too big; carries the IP MTU of the next hop.</summary>
    public const byte PacketTooBig = 2;

    /// <summary>Time exceeded.</summary>
    public const byte TimeExceeded = 3;

    /// <summary>Parameter problem.</summary>
    public const byte ParameterProblem = 4;

    /// <summary>Echo request.</summary>
    public const byte EchoRequest = 128;

    /// <summary>Echo reply.</summary>
    public const byte EchoReply = 129;

    /// <summary>Neighbour solicitation.</summary>
    public const byte NeighborSolicitation = 135;

    /// <summary>Neighbour advertisement.</summary>
    public const byte NeighborAdvertisement = 136;

    /// <summary>Code of DestinationUnreachable: no route.</summary>
    public const byte CodeNoRoute = 0;

    /// <summary>Code of DestinationUnreachable: administratively prohibited.</summary>
    public const byte CodeProhibited = 1;

    /// <summary>Code of DestinationUnreachable: address unreachable.</summary>
    public const byte CodeAddressUnreachable = 3;

    /// <summary>Code of DestinationUnreachable: port unreachable.</summary>
    public const byte CodePortUnreachable = 4;

    /// <summary>Whether the type is an error, which quotes a packet: RFC 4443 §2.1, the high bit is zero.</summary>
    public static bool IsError(byte type) => type < 128;
}
