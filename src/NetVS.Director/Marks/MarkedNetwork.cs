using NetVS.Packets;

namespace NetVS.Director.Marks;

/// <summary>What is marked at the addresses for which a prefix is the longest of all that mark rules name.</summary>
/// <param name="Network">The prefix.</param>
/// <param name="PrefixLength">Its bits: up to 32 or 128.</param>
/// <param name="Ports">What is marked there; nothing where a rule exempts the prefix from a wider one.</param>
public sealed record MarkedNetwork(IpAddress Network, int PrefixLength, PortLists Ports)
{
    /// <summary>Whether the prefix is one address.</summary>
    public bool IsHost => PrefixLength == (Network.Family == IpFamily.V6 ? 128 : 32);
}
