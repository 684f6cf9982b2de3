using NetVS.Packets;

namespace NetVS.Rules;

/// <summary>What identifies a virtual service: protocol, VIP and port; or a firewall mark and a family.</summary>
/// <remarks>Ports are in host order. A mark service has protocol TCP, as IPVS stores it, and no address.</remarks>
public readonly record struct ServiceKey
{
    private ServiceKey(IpFamily family, IpProtocol protocol, IpAddress address, ushort port, uint mark)
    {
        Family = family;
        Protocol = protocol;
        Address = address;
        Port = port;
        Mark = mark;
    }

    /// <summary>The family of the VIP, or the family a mark service serves.</summary>
    public IpFamily Family { get; }

    /// <summary>TCP, UDP or SCTP.</summary>
    public IpProtocol Protocol { get; }

    /// <summary>The VIP; <c>default</c> for a mark service.</summary>
    public IpAddress Address { get; }

    /// <summary>The virtual port, host order; 0 means every port.</summary>
    public ushort Port { get; }

    /// <summary>The firewall mark; 0 when the service is identified by its address.</summary>
    public uint Mark { get; }

    /// <summary>Whether a firewall mark identifies the service.</summary>
    public bool IsMark => Mark != 0;

    /// <summary>A service identified by protocol, VIP and port.</summary>
    public static ServiceKey Of(IpProtocol protocol, IpAddress address, ushort port) =>
        new(address.Family, protocol, address, port, 0);

    /// <summary>A service identified by a firewall mark.</summary>
    public static ServiceKey OfMark(IpFamily family, uint mark) => new(family, IpProtocol.Tcp, default, 0, mark);

    /// <summary>As in ipvsadm's listing: <c>TCP 192.0.2.1:80</c> or <c>FWM 7 IPv6</c>.</summary>
    public override string ToString() => IsMark
        ? $"FWM {Mark}{(Family == IpFamily.V6 ? " IPv6" : "")}"
        : $"{Protocol.ToString().ToUpperInvariant()} {new IpEndpoint(Address, Port)}";
}
