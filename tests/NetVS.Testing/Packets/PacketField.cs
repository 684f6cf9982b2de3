namespace NetVS.Testing.Packets;

/// <summary>The fields of a packet line that may hold a variable.</summary>
internal enum PacketField
{
    SourcePort,
    DestinationPort,
    Sequence,
    Acknowledgment,
}
