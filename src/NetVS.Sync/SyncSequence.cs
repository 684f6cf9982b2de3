using System.Buffers.Binary;

namespace NetVS.Sync;

/// <summary>How the TCP sequence numbers of one direction are adjusted (reference §14.2, option 1).</summary>
/// <param name="InitialSequence">From which sequence number on <paramref name="Delta"/> is in force.</param>
/// <param name="Delta">What is added from there on, modulo 2^32.</param>
/// <param name="PreviousDelta">What is added before, modulo 2^32.</param>
public readonly record struct SyncSequence(uint InitialSequence, uint Delta, uint PreviousDelta)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 12;

    /// <summary>Whether it changes no sequence number at all.</summary>
    public bool IsNothing => Delta == 0 && PreviousDelta == 0;

    /// <summary>Writes it in network order; <paramref name="octets"/> holds at least <see cref="Size"/>.</summary>
    internal void Write(Span<byte> octets)
    {
        BinaryPrimitives.WriteUInt32BigEndian(octets, InitialSequence);
        BinaryPrimitives.WriteUInt32BigEndian(octets[4..], Delta);
        BinaryPrimitives.WriteUInt32BigEndian(octets[8..], PreviousDelta);
    }

    /// <summary>Reads one in network order from at least <see cref="Size"/> octets.</summary>
    internal static SyncSequence Read(ReadOnlySpan<byte> octets) => new(
        BinaryPrimitives.ReadUInt32BigEndian(octets), BinaryPrimitives.ReadUInt32BigEndian(octets[4..]), BinaryPrimitives.ReadUInt32BigEndian(octets[8..]));
}
