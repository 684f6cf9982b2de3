using NetVS.Director.Forwarding;
using NetVS.Packets;

namespace NetVS.Director.Tests.Forwarding;

public sealed class OffloadShapeTests
{
    // Found by DirectorFuzzTests: a VLAN tag was taken off a frame whose link said that its checksum begins at 0.
    [Theory]
    [InlineData(34, -4, 30)]
    [InlineData(0, -4, 0)]
    [InlineData(65535, 4, 65535)]
    public void Move_OfPlaces_KeepsThemWithinAFrame(int place, int octets, int expected)
    {
        var offload = new PacketOffload { NeedsChecksum = true, ChecksumStart = (ushort)place, Gso = GsoKind.TcpV4, HeaderLength = (ushort)place };
        OffloadShape.Move(ref offload, octets);
        ((int)offload.ChecksumStart, (int)offload.HeaderLength).ShouldBe((expected, expected));
    }
}
