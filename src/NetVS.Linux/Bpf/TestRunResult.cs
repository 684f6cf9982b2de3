namespace NetVS.Linux.Bpf;

/// <summary>What a program did in a test run.</summary>
/// <param name="ReturnValue">XDP_*, TC_ACT_* or whatever the type returns.</param>
/// <param name="PacketLength">Octets of the packet afterwards.</param>
/// <param name="Nanoseconds">Mean nanoseconds of a run.</param>
public readonly record struct TestRunResult(uint ReturnValue, int PacketLength, uint Nanoseconds);
