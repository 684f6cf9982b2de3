namespace NetVS.Director.Measurement;

/// <summary>What one operation costs, in memory and on one core.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Connections">How many connections were in the table.</param>
/// <param name="Nanoseconds">Per operation: the low quartile of many short pieces.</param>
/// <param name="Ratio">To the baseline measured in the same run: one copy of a 64-octet packet from a random place among as many packets.</param>
/// <param name="AllocatedOctets">Managed memory allocated in the round that allocated least.</param>
public sealed record Measurement(string Name, int Connections, double Nanoseconds, double Ratio, long AllocatedOctets);
