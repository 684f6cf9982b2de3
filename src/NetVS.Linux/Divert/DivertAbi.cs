using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetVS.Packets;

namespace NetVS.Linux.Divert;

#pragma warning disable CS1591 // the names are those of bpf/divert.h

/// <summary>Constants of bpf/divert.h, in its spelling.</summary>
internal static class DivertAbi
{
    public const uint ADDRESS_VIRTUAL = 0x01;
    public const uint ADDRESS_REAL = 0x02;
    public const uint ADDRESS_TUNNEL = 0x04;
    public const uint ADDRESS_LOCAL = 0x08;
    public const uint ADDRESS_OWN = 0x10;
    public const uint ENDPOINT_VIRTUAL = 0x01;
    public const uint ENDPOINT_REAL = 0x02;
    public const uint ENDPOINT_TUNNEL = 0x04;
    public const uint DIRECTOR_MARK = 0x4e565300;
    public const int COUNTERS = 23;
    public const int MAC_SLOTS = 4096;
    public const int MARK_NETWORKS = 2048;
    public const int MARK_RANGES = 32768;
}

/// <summary>struct interface_key.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct interface_key
{
    public uint ifindex;
    public MacOctets mac;
    public ushort zero;

    [InlineArray(MacAddress.Size)]
    public struct MacOctets
    {
        private byte _first;
    }

    public static interface_key Of(int index, MacAddress mac)
    {
        interface_key key = new() { ifindex = (uint)index };
        mac.Write(key.mac);
        return key;
    }
}

/// <summary>struct mark_key; the length counts bits of the address as address_key has it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct mark_key
{
    public uint length;
    public address_key address;

    public static mark_key Of(IpAddress network, int prefixLength) => new()
    {
        length = (uint)(network.Family == IpFamily.V4 ? 96 + prefixLength : prefixLength),
        address = address_key.Of(network),
    };
}

/// <summary>struct mark_network.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct mark_network
{
    public Triple first;
    public Triple count;

    [InlineArray(3)]
    public struct Triple
    {
        private uint _first;
    }
}

/// <summary>struct mark_range; host order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct mark_range
{
    public ushort first;
    public ushort last;
}

/// <summary>struct interface_value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct interface_value
{
    public uint first_socket;
}

/// <summary>struct mac_value; the octets of the MAC as a frame has them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct mac_value
{
    public interface_key.MacOctets mac;
    public ushort known;
    public uint first_socket;
}

/// <summary>struct flow_cpu of bpf/flow_maps.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct flow_cpu
{
    public ulong jiffies;
    public ulong forwarded;
    public uint tick;
    public uint zero;
}

/// <summary>struct address_key: IPv6, or IPv4 mapped into it; network order.</summary>
[InlineArray(16)]
internal struct address_key
{
    private byte _first;

    public static address_key Of(IpAddress address)
    {
        address_key key = default;
        Span<byte> octets = key;
        if (address.Family == IpFamily.V6)
        {
            address.Write(octets);
            return key;
        }

        octets[10] = octets[11] = 0xFF;
        address.Write(octets[12..]);
        return key;
    }
}

/// <summary>struct endpoint_key; the port is in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct endpoint_key
{
    public address_key address;
    public ushort port;
    public byte protocol;
    public byte zero;

    public static endpoint_key Of(IpProtocol protocol, IpAddress address, ushort port) => new()
    {
        address = address_key.Of(address),
        port = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(port) : port,
        protocol = (byte)protocol,
    };
}
