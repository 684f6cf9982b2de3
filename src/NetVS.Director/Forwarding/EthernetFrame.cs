using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>Writes the Ethernet headers of frames that leave.</summary>
internal static class EthernetFrame
{
    /// <summary>Writes source, destination, the VLAN tag where the next hop has one, and the EtherType.</summary>
    public static void WriteHeader(Span<byte> frame, in NextHop next, ushort etherType)
    {
        ref EthernetHeader header = ref WireView.At<EthernetHeader>(frame, 0);
        header.Destination.Host = next.Destination;
        header.Source.Host = next.Source;
        if (next.VlanId == 0)
        {
            header.EtherType.Host = etherType;
            return;
        }

        header.EtherType.Host = EtherType.Vlan;
        ref VlanTag tag = ref WireView.At<VlanTag>(frame, EthernetHeader.Size);
        tag.ControlInformation.Host = next.VlanId;
        tag.EtherType.Host = etherType;
    }
}
