namespace NetVS.Testing.Packets;

/// <summary>A frame has a wrong length or checksum, or is not the frame that was expected.</summary>
public sealed class PacketFaultException(string message) : Exception(message);
