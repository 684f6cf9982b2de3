using System.Text;
using NetVS.Director.Forwarding;
using NetVS.Director.Persistence;
using NetVS.Director.Tests.Forwarding;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Persistence;

public sealed class SipEngineTests
{
    // What a Linux 6.1 kernel took, and what it dropped.
    [Theory]
    [InlineData("Call-ID: one@host\r\n", "one@host")]
    [InlineData("call-id :  two\r\n", "two")]
    [InlineData("i: one@host\r\n", "one@host")]
    [InlineData("I:x\n", "x")]
    [InlineData("Call-ID:\r\n folded\r\n", "folded")]
    [InlineData("Call-ID: a.!%*_+`'~()<>:\\\"/[]?{}-9@h\r", "a.!%*_+`'~()<>:\\\"/[]?{}-9@h")]
    [InlineData("Info: x\r\nCall-ID: y\r\n", "y")]
    [InlineData("Call-ID: three@\r\n", null)]
    [InlineData("Call-ID: @host\r\n", null)]
    [InlineData("i: \r\n", null)]
    [InlineData("Call-ID: a b\r\n", null)]
    [InlineData("Call-ID one\r\n", null)]
    [InlineData("Call-ID: cut", null)]
    [InlineData("Via2: none\r\n", null)]
    [InlineData("", null)]
    public void Message_WithThisField_HasThisKey(string field, string? key) => KeyOf("INVITE sip:a SIP/2.0\r\nVia: x\r\n" + field).ShouldBe(key);

    [Fact]
    public void CallId_OfTheFirstLine_OrTooLong_IsNone()
    {
        KeyOf("Call-ID: first\r\n\r\n").ShouldBeNull();
        KeyOf($"x\r\nCall-ID: {new string('a', 255)}\r\n").ShouldBe(new string('a', 255));
        KeyOf($"x\r\nCall-ID: {new string('a', 256)}\r\n").ShouldBeNull();
        KeyOf("x\nCall-ID: y\n").ShouldBe("y");
        KeyOf("x\rCall-ID: y\r").ShouldBe("y");
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void AnyPayload_IsRead_WithinItsBounds() => Seeds.Run(3000, (random, _) =>
    {
        byte[][] seeds = [.. new[] { "INVITE sip:a SIP/2.0\r\nVia: x\r\nCall-ID:\r\n one@host\r\ni : y@z\n\n", "SIP/2.0 200 OK\r\ni: 1@h\r\n\r\n" }.Select(Encoding.ASCII.GetBytes)];
        byte[] message = Mutator.Mutate(random, seeds, tokens: [.. new[] { "\r", "\n", "\r\n ", "Call-ID:", "i\t:", new string('a', 255) }.Select(Encoding.ASCII.GetBytes)]);
        if (!new SipEngine().TryFindKey(message, out ReadOnlySpan<byte> key)) return;
        key.Length.ShouldBeInRange(1, EngineKeys.Longest);
        Encoding.Latin1.GetString(message).ShouldContain(Encoding.Latin1.GetString(key));
    });

    [Fact]
    public void ManyCalls_OfOneClient_HaveTemplatesOfTheirOwn_AndAllocateNothing()
    {
        using DirectorRig rig = Rig();
        Dictionary<int, IpAddress> chosen = [];

        // More than there are hashes for them to differ by: some share one.
        for (int call = 0; call < 1000; call++) chosen[call] = Send(rig, call);
        for (int call = 0; call < 1000; call++) Send(rig, call).ShouldBe(chosen[call], $"call {call}");
        chosen.Values.Distinct().Count().ShouldBe(2);
        rig.Connections().Count(c => c.EngineName == "sip").ShouldBe(1000);
        rig.Connections().Select(c => c.EngineData).ShouldContain("call7@host");

        byte[] frame = Message(7).Build();
        byte[] buffer = new byte[Packet.Headroom + 2000];
        Allocations.Measure(1000, () =>
        {
            frame.CopyTo(buffer, Packet.Headroom);
            var packet = new Packet { Buffer = buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = rig.InterfaceOf("f0") };
            rig.Worker.Process(ref packet, rig.Now);
        }).ShouldBe(0);

        // Keys are given back with their templates.
        rig.Now += TimeSpan.FromSeconds(1000);
        for (int i = 0; i < 10; i++) rig.Engine.Tick(rig.Now);
        rig.Connections().ShouldBeEmpty();
        for (int call = 0; call < 10; call++) Send(rig, call + 5000);
        rig.Connections().Select(c => c.EngineData).Order().First().ShouldBe("call5000@host");
    }

    [Fact]
    public void Engine_WithoutPersistence_IsRefused()
    {
        using var rig = new DirectorRig();
        var rule = new VirtualServiceRule { Key = Key(IpProtocol.Udp, "192.0.2.1:5060"), Scheduler = "rr", NetmaskPrefix = 32, PersistenceEngine = "sip" };
        rig.Engine.AddService(rule).Status.ShouldBe(RuleStatus.EOPNOTSUPP);
        rig.Engine.AddService(rule with { Flags = ServiceFlags.Persistent, PersistenceTimeout = 60, PersistenceEngine = "none" }).Status.ShouldBe(RuleStatus.ENOENT);
    }

    private static DirectorRig Rig()
    {
        var rig = new DirectorRig(maxConnections: 4096);
        ServiceKey key = Key(IpProtocol.Udp, "192.0.2.1:5060");
        rig.Engine.AddService(new VirtualServiceRule
        {
            Key = key, Scheduler = "rr", NetmaskPrefix = 32, Flags = ServiceFlags.Persistent | ServiceFlags.OnePacket, PersistenceTimeout = 60, PersistenceEngine = "sip",
        }).ShouldBe(RuleResult.Ok);
        foreach (string real in new[] { "10.1.0.10:5060", "10.1.0.11:5060" })
            rig.Engine.AddDestination(key, new DestinationRule { Real = Endpoints.Parse(real), Method = ForwardingMethod.Nat }).ShouldBe(RuleResult.Ok);
        return rig;
    }

    private static PacketBuilder Message(int call) =>
        PacketBuilder.Udp($"{Client}:5061", "192.0.2.1:5060").Payload($"INVITE sip:a SIP/2.0\r\nCall-ID: call{call}@host\r\n\r\n").Macs(Router, F0);

    private static IpAddress Send(DirectorRig rig, int call)
    {
        Sent sent = rig.FromClient(Message(call));
        sent.Verdict.ShouldBe(Verdict.Transmit);
        return new IpAddress(Ipv4Address.Read(sent.Frame.AsSpan(30)));
    }

    private static string? KeyOf(string message) =>
        new SipEngine().TryFindKey(Encoding.ASCII.GetBytes(message), out ReadOnlySpan<byte> key) ? Encoding.ASCII.GetString(key) : null;
}
