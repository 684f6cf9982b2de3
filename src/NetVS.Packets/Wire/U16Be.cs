using System.Buffers.Binary;

namespace NetVS.Packets;

/// <summary>A 16-bit field of a header on the wire: network byte order inside, host order through <see cref="Host"/>.</summary>
public struct U16Be
{
    private ushort _wire;

    /// <summary>The field's value in host order.</summary>
    public ushort Host
    {
        readonly get => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(_wire) : _wire;
        set => _wire = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    /// <summary>The field as it stands in memory; equal fields have equal raw values on every host.</summary>
    public readonly ushort Wire => _wire;

    /// <inheritdoc/>
    public override readonly string ToString() => Host.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
