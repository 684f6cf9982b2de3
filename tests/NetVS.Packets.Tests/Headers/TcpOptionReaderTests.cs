using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Packets.Tests.Headers;

public sealed class TcpOptionReaderTests
{
    [Fact]
    public void MoveNext_OfAllKinds_YieldsEachWithItsPlace()
    {
        byte[] options = Convert.FromHexString("020405b4" + "01" + "030307" + "0402" + "080a0000000100000002" + "00" + "ff");
        var found = new List<TcpOption>();
        foreach (TcpOption option in new TcpOptionReader(options)) found.Add(option);
        found.ShouldBe(
        [
            new TcpOption(TcpOptionKind.MaximumSegmentSize, 0, 4), new TcpOption(TcpOptionKind.NoOperation, 4, 1),
            new TcpOption(TcpOptionKind.WindowScale, 5, 3), new TcpOption(TcpOptionKind.SackPermitted, 8, 2),
            new TcpOption(TcpOptionKind.Timestamps, 10, 10),
        ]);
    }

    [Theory]
    [InlineData("02")]
    [InlineData("0200")]
    [InlineData("0201")]
    [InlineData("020405")]
    [InlineData("0101fe08")]
    public void MoveNext_OfAnOptionThatLies_StopsAndSaysSo(string hex)
    {
        var reader = new TcpOptionReader(Convert.FromHexString(hex));
        while (reader.MoveNext()) { }
        reader.IsMalformed.ShouldBeTrue();
    }

    // Reference §19: TOA of 198.51.100.7:40000.
    [Fact]
    public void ClientAddress_OfIpv4_IsTheReferenceVector()
    {
        byte[] octets = new byte[8];
        ClientAddressOption.Write(octets, Endpoints.Parse("198.51.100.7:40000"));
        Convert.ToHexStringLower(octets).ShouldBe("fe089c40c6336407");
        ClientAddressOption.TryFind(octets, out IpEndpoint client).ShouldBeTrue();
        client.ShouldBe(Endpoints.Parse("198.51.100.7:40000"));
    }

    [Theory]
    [InlineData("fe")]
    [InlineData("fd")]
    public void ClientAddress_OfIpv6_IsReadUnderBothKinds(string kind)
    {
        byte[] octets = Convert.FromHexString("0101" + kind + "14" + "9c40" + "20010db8000000000000000000000007");
        ClientAddressOption.TryFind(octets, out IpEndpoint client).ShouldBeTrue();
        client.ShouldBe(Endpoints.Parse("[2001:db8::7]:40000"));
        byte[] written = new byte[20];
        ClientAddressOption.Write(written, client);
        Convert.ToHexStringLower(written).ShouldBe("fe149c4020010db8000000000000000000000007");
    }
}
