using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Testing.Packets;

namespace NetVS.Golden.Running;

/// <summary>A frame that an "in" statement gives to the director.</summary>
/// <param name="Interface">Where it comes in; "stack" for the director's own stack.</param>
/// <param name="InterfaceIndex">That interface's index.</param>
/// <param name="Frame">The frame.</param>
/// <param name="Offload">What is unfinished about it.</param>
internal sealed record ReceivedFrame(string Interface, int InterfaceIndex, byte[] Frame, PacketOffload Offload)
{
    private static readonly MacAddress s_sender = new(0x0200_0000_0001);

    /// <summary>Whether it comes from the director's own stack.</summary>
    public bool IsFromStack => InterfaceIndex == Packet.FromStack;

    /// <summary>Builds what the text of an "in" statement says: interface and packet. Without MACs it is addressed to the interface.</summary>
    /// <exception cref="FormatException">The packet is not in the syntax.</exception>
    /// <exception cref="GoldenException">There is no such interface.</exception>
    public static ReceivedFrame Build(string text, DirectorStage stage, PacketLineContext names)
    {
        string[] words = text.Split((char[])[' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
        string name = words[0];
        int index = name == "stack" ? Packet.FromStack : IndexOf(name, stage);
        PacketLine line = PacketLine.Parse(words.Length > 1 ? words[1] : "", 64, names);
        NetworkInterface? logical = name == "stack" ? null : stage.Network.FindInterface(index, line.VlanId);
        return new ReceivedFrame(name, index, line.Build(s_sender, logical?.Mac ?? s_sender), line.Offload);
    }

    private static int IndexOf(string name, DirectorStage stage) => stage.Batch.FindInterface(name) is > 0 and int index ? index
        : throw new GoldenException($"there is no interface '{name}'");
}
