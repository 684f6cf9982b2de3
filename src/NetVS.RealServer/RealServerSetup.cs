using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>One VIP this host serves by one method: what the user asked for.</summary>
/// <param name="Method">How packets come.</param>
/// <param name="Vip">The virtual address.</param>
/// <param name="Interfaces">Where packets come in; empty for every Ethernet interface there is.</param>
/// <param name="GuePort">The UDP port of GUE tunnels, for TUN.</param>
public sealed record RealServerSetup(
    RealServerMethod Method, IpAddress Vip, IReadOnlyList<string> Interfaces, ushort GuePort = RealServerSetup.DefaultGuePort)
{
    /// <summary>GUE's port by IANA's registry.</summary>
    public const ushort DefaultGuePort = 6080;

    /// <summary>Bits of the VIP's own prefix.</summary>
    public byte PrefixLength => Vip.Family == IpFamily.V6 ? (byte)128 : (byte)32;
}
