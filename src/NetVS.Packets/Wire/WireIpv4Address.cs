using System.Runtime.InteropServices;

namespace NetVS.Packets;

/// <summary>The four octets of an IPv4 address inside a header.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct WireIpv4Address
{
    private U32Be _value;

    /// <summary>The address as a value.</summary>
    public Ipv4Address Host
    {
        readonly get => new(_value.Host);
        set => _value.Host = value.Value;
    }

    /// <inheritdoc/>
    public override readonly string ToString() => Host.ToString();
}
