namespace NetVS.Bench.Wires;

/// <summary>What arrived while datagrams were sent as fast as they go.</summary>
/// <param name="PacketsPerSecond">Datagrams that arrived as they had to.</param>
/// <param name="BusyCores">How many cores the machine kept busy meanwhile.</param>
/// <param name="UserFramesPerPacket">Frames that user space received, per datagram that arrived; null where there is no user space.</param>
internal readonly record struct PacketMeasurement(double PacketsPerSecond, double BusyCores, double? UserFramesPerPacket);
