using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>What names mean in packet lines.</summary>
public sealed class PacketLineContext
{
    /// <summary>What a name in a "mac" clause means; throws FormatException for an unknown one.</summary>
    public Func<string, MacAddress> ResolveMac { get; init; } = static name => throw new FormatException($"'{name}' is no MAC address");

    /// <summary>Numbers learned from packets: <c>seq $isn</c> learns, <c>ack $isn+1</c> uses.</summary>
    public Dictionary<string, uint> Variables { get; } = [];
}
