using NetVS.Packets;

namespace NetVS.Director.Protocols;

/// <summary>States of any protocol, for listings.</summary>
internal static class ProtocolStates
{
    /// <summary>As IPVS prints a connection's state.</summary>
    public static string NameOf(IpProtocol protocol, byte state) => protocol switch
    {
        IpProtocol.Tcp => TcpStateMachine.NameOf((TcpState)state),
        IpProtocol.Udp => UdpStateMachine.Name,
        _ => "NONE",
    };
}
