using NetVS.Packets;
using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Tests.Wire;

public sealed class AddressAnnouncementTests
{
    private static readonly MacAddress s_mac = new(0x0200_0000_0007);

    [Fact]
    public void Ipv4_IsABroadcastRequestForItself() => Write("198.51.100.80", false).ShouldBe(
        "ffffffffffff0200000000070806" + "0001080006040001" + "020000000007c6336450" + "ffffffffffffc6336450");

    [Fact]
    public void Ipv6_IsAnOverridingAdvertisementToAllNodes()
    {
        // Checksum by hand: see the sum of its words in the twin below.
        string frame = Write("2001:db8::50", false);
        frame.ShouldStartWith("33330000000102000000000786dd" + "6000000000203aff" + "20010db8000000000000000000000050" + "ff020000000000000000000000000001" + "8800");
        frame.ShouldEndWith("20000000" + "20010db8000000000000000000000050" + "0201020000000007");
        SumOfIcmp(Convert.FromHexString(frame)).ShouldBe(0xFFFF);
    }

    [Fact]
    public void Ipv6_OfARouter_SaysSo() => Write("2001:db8::50", true).ShouldContain("a0000000" + "20010db8");

    // One's complement over source, destination, length, next header and message, word by word.
    private static int SumOfIcmp(byte[] frame)
    {
        int sum = 32 + 58;
        for (int i = 14 + 8; i < frame.Length; i += 2) sum += (frame[i] << 8) | frame[i + 1];
        while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
        return sum;
    }

    private static string Write(string address, bool isRouter)
    {
        byte[] frame = new byte[AddressAnnouncement.MostOctets];
        frame.AsSpan().Fill(0xA5);
        return Convert.ToHexStringLower(frame, 0, AddressAnnouncement.Write(frame, IpAddress.Parse(address), s_mac, isRouter));
    }
}
