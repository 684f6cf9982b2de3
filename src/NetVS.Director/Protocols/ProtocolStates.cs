using System.Runtime.CompilerServices;
using NetVS.Packets;

namespace NetVS.Director.Protocols;

/// <summary>What is the same or differs between protocols: which have ports, how states are listed.</summary>
internal static class ProtocolStates
{
    /// <summary>Whether connections of this protocol are known by ports: TCP, UDP, SCTP.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasPorts(IpProtocol protocol) => protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp;

    /// <summary>Whether packets of this protocol go with the ISAKMP connection of their ends: AH and ESP.</summary>
    public static bool FollowsIsakmp(IpProtocol protocol) => protocol is IpProtocol.Ah or IpProtocol.Esp;

    /// <summary>As IPVS prints a connection's state.</summary>
    public static string NameOf(IpProtocol protocol, byte state) => protocol switch
    {
        IpProtocol.Tcp => TcpStateMachine.NameOf((TcpState)state),
        IpProtocol.Udp => UdpStateMachine.Name,
        IpProtocol.Sctp => SctpStateMachine.NameOf((SctpState)state),
        _ => "NONE",
    };
}
