using NetVS.Testing.Packets;

namespace NetVS.Packets.Tests.Testing;

public sealed class PacketLineTests
{
    public static TheoryData<string> Names => [.. SampleFrames.All.Keys.Where(n => n is not ("udp6 ah" or "udp4 first fragment"))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_OfWhatTheDescriberSays_BuildsTheSameFrame(string name)
    {
        byte[] frame = SampleFrames.All[name].Build();
        if (name == "tcp4 vlan") frame = frame[..58];
        string text = PacketDescriber.Describe(frame);
        byte[] built = PacketLine.Parse(text).Build(default, default);
        PacketDescriber.Describe(built).ShouldBe(text);
        built.ShouldBe(frame, text);
    }

    [Theory]
    [InlineData("ipv5 192.0.2.1 > 192.0.2.2 tcp 1 > 2 S", "'ipv4' or 'ipv6'")]
    [InlineData("ipv4 192.0.2.1 > 192.0.2.2 tcp 1 > 2 X", "no TCP flags")]
    [InlineData("ipv4 192.0.2.1 > 192.0.2.2 tcp 1 > 2", "missing at the end")]
    [InlineData("ipv4 192.0.2.1 > 192.0.2.2 tcp 1 > 2 S bogus", "'bogus' is not understood")]
    [InlineData("ipv4 192.0.2.1 > 192.0.2.2", "no protocol")]
    public void Parse_OfABadLine_SaysWhatIsWrong(string text, string fault) =>
        Should.Throw<FormatException>(() => PacketLine.Parse(text)).Message.ShouldContain(fault);
}
