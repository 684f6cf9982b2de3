using NetVS.Packets;

namespace NetVS.Rules.Listing;

/// <summary>Protocols as listings name them.</summary>
internal static class ProtocolNames
{
    /// <summary>TCP, UDP, SCTP, or IP for anything (a mark service's template).</summary>
    public static string Format(IpProtocol protocol) => protocol switch
    {
        IpProtocol.Tcp => "TCP",
        IpProtocol.Udp => "UDP",
        IpProtocol.Sctp => "SCTP",
        _ => "IP",
    };
}
