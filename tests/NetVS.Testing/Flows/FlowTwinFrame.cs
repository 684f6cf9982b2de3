using NetVS.Packets;

namespace NetVS.Testing.Flows;

/// <summary>A frame that the fast path's twin forwarded.</summary>
/// <param name="Interface">The device it leaves by.</param>
/// <param name="Frame">The frame.</param>
/// <param name="Offload">What is unfinished about it.</param>
public sealed record FlowTwinFrame(int Interface, byte[] Frame, PacketOffload Offload);
