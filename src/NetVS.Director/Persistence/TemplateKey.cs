using NetVS.Packets;

namespace NetVS.Director.Persistence;

/// <summary>What identifies a persistence template (reference §7.1). Ports in host order.</summary>
/// <param name="Protocol">The transport protocol; 0 for a mark service.</param>
/// <param name="Client">The client's address under the service's netmask.</param>
/// <param name="Virtual">VIP; for a mark service the mark.</param>
/// <param name="VirtualPort">The service's port; 0 where all ports of the address belong together.</param>
internal readonly record struct TemplateKey<TAddress>(IpProtocol Protocol, TAddress Client, TAddress Virtual, ushort VirtualPort)
    where TAddress : unmanaged, IEquatable<TAddress>;
