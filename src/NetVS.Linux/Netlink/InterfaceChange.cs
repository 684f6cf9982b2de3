using NetVS.Director.Network;

namespace NetVS.Linux.Netlink;

/// <summary>One interface before and after a change.</summary>
/// <param name="Before">As it was; null when it is new.</param>
/// <param name="After">As it is; null when it is gone. One that was replaced is reported gone first, then new.</param>
public sealed record InterfaceChange(NetworkInterface? Before, NetworkInterface? After);
