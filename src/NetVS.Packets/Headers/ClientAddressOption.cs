using System.Buffers.Binary;

namespace NetVS.Packets.Headers;

//   +--------+--------+-----------------+------------------------------+
//   |  254   | 8 / 20 |  port (2)       | IPv4 (4) or IPv6 address (16) |
//   +--------+--------+-----------------+------------------------------+

/// <summary>The TCP option by which FULLNAT tells a real server the client's endpoint ("TOA").</summary>
/// <remarks>No RFC; the layout of the published FULLNAT implementations, with kind 254 for both families.</remarks>
public static class ClientAddressOption
{
    /// <summary>Octets of the option with an IPv4 address.</summary>
    public const int SizeV4 = 8;

    /// <summary>Octets of the option with an IPv6 address.</summary>
    public const int SizeV6 = 20;

    /// <summary>Octets of the option for a family; a multiple of four, so it needs no padding.</summary>
    public static int SizeOf(IpFamily family) => family == IpFamily.V6 ? SizeV6 : SizeV4;

    /// <summary>Writes the option.</summary>
    /// <param name="octets">At least <see cref="SizeOf"/> octets.</param>
    /// <param name="client">The client's endpoint; its family decides the length.</param>
    public static void Write(Span<byte> octets, IpEndpoint client)
    {
        octets[0] = (byte)TcpOptionKind.ClientAddress;
        octets[1] = (byte)SizeOf(client.Address.Family);
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], client.Port);
        client.Address.Write(octets[4..]);
    }

    /// <summary>Reads the option from a header's options, of kind 254 or, with an IPv6 address, 253.</summary>
    public static bool TryFind(ReadOnlySpan<byte> options, out IpEndpoint client)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            TcpOptionKind kind = reader.Current.Kind;
            int length = reader.Current.Length;
            if (kind == TcpOptionKind.ClientAddress && length == SizeV4)
            {
                client = new IpEndpoint(
                    Ipv4Address.Read(reader.Value[2..]), BinaryPrimitives.ReadUInt16BigEndian(reader.Value));
                return true;
            }

            if (kind is TcpOptionKind.ClientAddress or TcpOptionKind.ClientAddressV6Old && length == SizeV6)
            {
                client = new IpEndpoint(
                    Ipv6Address.Read(reader.Value[2..]), BinaryPrimitives.ReadUInt16BigEndian(reader.Value));
                return true;
            }
        }

        client = default;
        return false;
    }
}
