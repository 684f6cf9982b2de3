using NetVS.Packets;

namespace NetVS.Linux.Checks;

/// <summary>The way of a check to a real server that serves a virtual address by DR or TUN.</summary>
/// <param name="Virtual">The virtual address.</param>
/// <param name="Real">The real server's own address, of the same family.</param>
/// <param name="Wrapping">What is put around the packets.</param>
/// <param name="Port">The destination port of GUE, host order; 0 without it.</param>
public readonly record struct CheckPath(IpAddress Virtual, IpAddress Real, CheckWrapping Wrapping, ushort Port = 0);
