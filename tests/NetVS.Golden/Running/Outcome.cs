using NetVS.Packets;

namespace NetVS.Golden.Running;

/// <summary>A frame that came of a packet.</summary>
/// <param name="Keyword">out, stack or await.</param>
/// <param name="Interface">The interface's name; empty for stack.</param>
/// <param name="InterfaceIndex">The interface's index.</param>
/// <param name="Frame">The frame.</param>
/// <param name="Offload">What is unfinished about it.</param>
internal sealed record Outcome(string Keyword, string Interface, int InterfaceIndex, byte[] Frame, PacketOffload Offload);
