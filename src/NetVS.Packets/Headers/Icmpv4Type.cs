namespace NetVS.Packets.Headers;

/// <summary>ICMP types and codes for IPv4 this project knows (RFC 792, RFC 1191).</summary>
public static class Icmpv4Type
{
    /// <summary>Echo reply.</summary>
    public const byte EchoReply = 0;

    /// <summary>Destination unreachable.</summary>
    public const byte DestinationUnreachable = 3;

    /// <summary>Source quench (deprecated by RFC 6633, still an error).</summary>
    public const byte SourceQuench = 4;

    /// <summary>Redirect.</summary>
    public const byte Redirect = 5;

    /// <summary>Echo request.</summary>
    public const byte EchoRequest = 8;

    /// <summary>Time exceeded.</summary>
    public const byte TimeExceeded = 11;

    /// <summary>Parameter problem.</summary>
    public const byte ParameterProblem = 12;

    /// <summary>Code of DestinationUnreachable: no route to the network.</summary>
    public const byte CodeNetUnreachable = 0;

    /// <summary>Code of DestinationUnreachable: host unreachable.</summary>
    public const byte CodeHostUnreachable = 1;

    /// <summary>Code of DestinationUnreachable: port unreachable.</summary>
    public const byte CodePortUnreachable = 3;

    /// <summary>Code of DestinationUnreachable: too big and DF set; carries the IP MTU of the next hop.</summary>
    public const byte CodeFragmentationNeeded = 4;

    /// <summary>Code of DestinationUnreachable: communication administratively prohibited (RFC 1812).</summary>
    public const byte CodeProhibited = 13;

    /// <summary>Whether the type is an error, which quotes a packet (RFC 1122 §3.2.2).</summary>
    public static bool IsError(byte type) =>
        type is DestinationUnreachable or SourceQuench or Redirect or TimeExceeded or ParameterProblem;
}
