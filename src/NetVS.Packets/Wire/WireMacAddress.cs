using System.Runtime.InteropServices;

namespace NetVS.Packets;

/// <summary>The six octets of an Ethernet address inside a header.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct WireMacAddress
{
    private U16Be _high;
    private U32Be _low;

    /// <summary>The address as a value.</summary>
    public MacAddress Host
    {
        readonly get => new(((ulong)_high.Host << 32) | _low.Host);
        set
        {
            _high.Host = unchecked((ushort)(value.Value >> 32));
            _low.Host = unchecked((uint)value.Value);
        }
    }

    /// <inheritdoc/>
    public override readonly string ToString() => Host.ToString();
}
