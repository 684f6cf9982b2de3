using System.Runtime.InteropServices;
using NetVS.Packets.Headers;

namespace NetVS.Packets.Tests.Headers;

/// <summary>Wire structs have the size and the offsets of their RFC pictures.</summary>
public sealed class WireLayoutTests
{
    public static TheoryData<Type, int, (string Field, int Offset)[]> Structs => new()
    {
        { typeof(U16Be), 2, [] },
        { typeof(U32Be), 4, [] },
        { typeof(WireMacAddress), 6, [] },
        { typeof(WireIpv4Address), 4, [] },
        { typeof(WireIpv6Address), 16, [] },
        { typeof(EthernetHeader), EthernetHeader.Size, [("Source", 6), ("EtherType", 12)] },
        { typeof(VlanTag), VlanTag.Size, [("ControlInformation", 0), ("EtherType", 2)] },
        { typeof(ArpPacket), 28, [("Operation", 6), ("SenderMac", 8), ("SenderAddress", 14), ("TargetMac", 18), ("TargetAddress", 24)] },
        { typeof(Ipv4Header), 20, [("Tos", 1), ("TotalLength", 2), ("Identification", 4), ("FlagsAndOffset", 6), ("Ttl", 8), ("Protocol", 9), ("Checksum", 10), ("SourceAddress", 12), ("DestinationAddress", 16)] },
        { typeof(Ipv6Header), 40, [("PayloadLength", 4), ("NextHeader", 6), ("HopLimit", 7), ("SourceAddress", 8), ("DestinationAddress", 24)] },
        { typeof(Ipv6FragmentHeader), 8, [("OffsetAndFlags", 2), ("Identification", 4)] },
        { typeof(TcpHeader), 20, [("DestinationPort", 2), ("Sequence", 4), ("Acknowledgment", 8), ("DataOffsetAndReserved", 12), ("Flags", 13), ("Window", 14), ("Checksum", TcpHeader.ChecksumOffset), ("UrgentPointer", 18)] },
        { typeof(UdpHeader), 8, [("DestinationPort", 2), ("Length", 4), ("Checksum", UdpHeader.ChecksumOffset)] },
        { typeof(SctpHeader), 12, [("VerificationTag", 4), ("Checksum", SctpHeader.ChecksumOffset)] },
        { typeof(SctpChunkHeader), 4, [("Flags", 1), ("Length", 2)] },
        { typeof(IcmpHeader), 8, [("Code", 1), ("Checksum", IcmpHeader.ChecksumOffset), ("Rest", 4)] },
        { typeof(GreHeader), 4, [("ProtocolType", 2)] },
        { typeof(GueHeader), 4, [("Protocol", 1), ("Flags", 2)] },
    };

    [Theory]
    [MemberData(nameof(Structs))]
    public void WireStruct_HasTheLayoutOfItsPicture(Type type, int size, (string Field, int Offset)[] offsets)
    {
        Marshal.SizeOf(type).ShouldBe(size);
        foreach ((string field, int offset) in offsets)
            Marshal.OffsetOf(type, field).ToInt32().ShouldBe(offset, $"{type.Name}.{field}");
    }
}
