using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>One VIP this host serves by one method: what the user asked for.</summary>
/// <param name="Method">How packets come.</param>
/// <param name="Vip">The virtual address.</param>
/// <param name="Interfaces">Where packets come in; empty for every Ethernet interface there is.</param>
public sealed record RealServerSetup(RealServerMethod Method, IpAddress Vip, IReadOnlyList<string> Interfaces)
{
    /// <summary>Bits of the VIP's own prefix.</summary>
    public byte PrefixLength => Vip.Family == IpFamily.V6 ? (byte)128 : (byte)32;
}
