namespace NetVS.Packets.Capture;

/// <summary>An interface a capture has packets of.</summary>
/// <param name="Id">Its position among all interfaces of the file, over all sections; 0 in a classic pcap.</param>
/// <param name="Name">Its if_name, or empty.</param>
/// <param name="SnapLength">The most octets kept of a packet; 0 for no limit.</param>
public sealed record CaptureInterface(int Id, string Name, uint SnapLength);
