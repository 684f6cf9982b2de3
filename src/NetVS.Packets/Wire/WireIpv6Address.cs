using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace NetVS.Packets;

/// <summary>The sixteen octets of an IPv6 address inside a header.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct WireIpv6Address
{
    private ulong _wireHigh;
    private ulong _wireLow;

    /// <summary>The address as a value.</summary>
    public Ipv6Address Host
    {
        readonly get => new(Swap(_wireHigh), Swap(_wireLow));
        set
        {
            _wireHigh = Swap(value.High);
            _wireLow = Swap(value.Low);
        }
    }

    /// <inheritdoc/>
    public override readonly string ToString() => Host.ToString();

    private static ulong Swap(ulong value) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}
