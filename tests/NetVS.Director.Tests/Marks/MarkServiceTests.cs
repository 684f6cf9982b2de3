using NetVS.Director.Forwarding;
using NetVS.Director.Tests.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Marks;

/// <summary>Mark services beyond the fixtures: diversion, owners, the host's own marks, allocation.</summary>
public sealed class MarkServiceTests
{
    private static readonly ServiceKey s_seven = ServiceKey.OfMark(IpFamily.V4, 7);

    [Fact]
    public void Diversion_BringsMarkedPortsWhileTheMarkHasAService()
    {
        var test = new EngineUnderTest(withSink: true);
        test.Engine.SetMarks([Rule("tcp 192.0.2.0/24 80-90 7"), Rule("udp 192.0.2.0/24 any 8")]).ShouldBe(RuleResult.Ok);
        test.Sink!.Applied.ShouldBeEmpty("no service wants either mark");
        test.Engine.AddService(Service(s_seven)).ShouldBe(RuleResult.Ok);
        NetVS.Director.Marks.MarkedNetwork network = test.Sink.Last.Marked.ShouldHaveSingleItem();
        network.Ports[IpProtocol.Tcp].ShouldBe([new(80, 90, 7)]);
        network.Ports[IpProtocol.Udp].ShouldBeEmpty();
        test.Engine.AddDestination(s_seven, EngineUnderTest.Real(port: 0)).ShouldBe(RuleResult.Ok);
        test.Sink.Last.Reals.Select(r => (r.Protocol, r.Port)).ShouldBe([(IpProtocol.Tcp, (ushort)0), (IpProtocol.Udp, (ushort)0), (IpProtocol.Sctp, (ushort)0)], ignoreOrder: true);
        test.Engine.DeleteService(s_seven).ShouldBe(RuleResult.Ok);
        test.Run(1);
        test.Sink.Last.Marked.ShouldBeEmpty();
        test.Sink.Last.Reals.ShouldBeEmpty();
        test.Engine.Marks.Count.ShouldBe(2, "rules are not the service's");
    }

    [Fact]
    public void MarkRulesThatGo_AreRecognisedWhileTheMarkHasConnections()
    {
        var test = new EngineUnderTest(withSink: true);
        test.Engine.SetMarks([Rule("tcp 192.0.2.0/24 80 7")]);
        test.Engine.AddService(Service(s_seven));
        test.Engine.AddDestination(s_seven, EngineUnderTest.Real());
        test.Engine.Table.TryFind(IpProtocol.Tcp, Ipv4Address.Of(192, 0, 2, 1), 80, 7, out Director.Services.VirtualServiceState? service).ShouldBeTrue();
        service!.Destinations[0].Bind(isTemplate: false);
        test.Engine.SetMarks([]).ShouldBe(RuleResult.Ok);
        test.Run(10);
        test.Sink!.Last.Marked.ShouldHaveSingleItem();
        service.Destinations[0].Unbind(isTemplate: false, wasActive: false);
        test.Run(1);
        test.Sink.Last.Marked.ShouldBeEmpty();
    }

    [Fact]
    public void Refusal_ByTheLinks_ChangesNothing()
    {
        var test = new EngineUnderTest(withSink: true);
        test.Engine.AddService(Service(s_seven));
        test.Sink!.OnApply = _ => throw new Director.Services.DivertException("full");
        test.Engine.SetMarks([Rule("tcp 192.0.2.0/24 80 7")]).Status.ShouldBe(RuleStatus.ENOMEM);
        test.Engine.Marks.ShouldBeEmpty();
        test.Engine.Table.IsVirtualAddress(Ipv4Address.Of(192, 0, 2, 1)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("any 192.0.2.0/24 any 7")]
    [InlineData("any 192.0.2.1 any 7")]
    [InlineData("any 0.0.0.0/0 any 7")]
    public void RequestAndReply_HaveOneOwner(string rule)
    {
        using var rig = new Forwarding.DirectorRig(workers: 4);
        Prepare(rig, ForwardingMethod.Nat, rule);
        for (int port = 1000; port < 1050; port++)
        {
            byte[] syn = PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0).Build();
            int owner = OwnerOf(rig, syn, "f0");
            rig.ProcessOn(owner, syn, rig.InterfaceOf("f0")).Verdict.ShouldBe(Verdict.Transmit);
            byte[] reply = PacketBuilder.Tcp("10.1.0.10:8080", $"203.0.113.7:{port}", TcpFlags.Syn | TcpFlags.Ack).Macs(RealMac(10), B0).Build();
            OwnerOf(rig, reply, "b0").ShouldBe(owner);
            rig.ProcessOn(owner, reply, rig.InterfaceOf("b0")).Verdict.ShouldBe(Verdict.Transmit);
        }
    }

    [Fact]
    public void MarkOfTheHostsPacketFilter_NeedsNoRule()
    {
        using var rig = new Forwarding.DirectorRig();
        Prepare(rig, ForwardingMethod.Nat);
        byte[] syn = PacketBuilder.Tcp("203.0.113.7:1000", "198.51.100.77:80", TcpFlags.Syn).Macs(Router, F0).Build();
        Process(rig, syn, mark: 0).ShouldBe(Verdict.ToStack);
        Process(rig, syn, mark: 8).ShouldBe(Verdict.ToStack, "no service wants it");
        Process(rig, syn, mark: 7).ShouldBe(Verdict.Transmit);
        rig.Connections().ShouldHaveSingleItem().Virtual.ToString().ShouldBe("198.51.100.77:80");
    }

    [Theory]
    [InlineData(IpProtocol.Tcp)]
    [InlineData(IpProtocol.Sctp)]
    public void MarkedPackets_AllocateNothing(IpProtocol protocol)
    {
        using var rig = new Forwarding.DirectorRig();
        Prepare(rig, ForwardingMethod.Nat, "any 192.0.2.0/24 any 7");
        byte[] frame = (protocol == IpProtocol.Tcp
            ? PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn)
            : PacketBuilder.Sctp("203.0.113.7:1", "192.0.2.1:80", SctpChunkType.Init)).Macs(Router, F0).Build();
        byte[] buffer = new byte[2048];
        int from = rig.InterfaceOf("f0"), sent = 0, transmitted = 0;
        void Once()
        {
            sent++;
            frame.CopyTo(buffer, Packet.Headroom);
            var packet = new Packet { Buffer = buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = from };
            if (rig.Worker.Process(ref packet, rig.Now) == Verdict.Transmit) transmitted++;
        }

        Allocations.Measure(1000, Once).ShouldBe(0);
        transmitted.ShouldBe(sent);
    }

    private static void Prepare(Forwarding.DirectorRig rig, ForwardingMethod method, params string[] rules)
    {
        rig.Engine.SetMarks([.. rules.Select(Rule)]).ShouldBe(RuleResult.Ok);
        rig.Engine.AddService(Service(s_seven)).ShouldBe(RuleResult.Ok);
        rig.Engine.AddDestination(s_seven, new DestinationRule { Real = Endpoints.Parse("10.1.0.10:8080"), Method = method }).ShouldBe(RuleResult.Ok);
    }

    private static Verdict Process(Forwarding.DirectorRig rig, byte[] frame, uint mark)
    {
        byte[] buffer = [.. new byte[Packet.Headroom], .. frame, .. new byte[64]];
        var packet = new Packet { Buffer = buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = rig.InterfaceOf("f0"), Mark = mark };
        return rig.Worker.Process(ref packet, rig.Now);
    }

    private static int OwnerOf(Forwarding.DirectorRig rig, byte[] frame, string device) => rig.FindOwner(2, frame, device);

    private static VirtualServiceRule Service(ServiceKey key) => new() { Key = key, Scheduler = "rr", NetmaskPrefix = 32 };

    private static MarkRule Rule(string text)
    {
        MarkRule.TryParse(text.Split(' '), out MarkRule? rule, out string? problem).ShouldBeTrue(problem);
        return rule!;
    }
}
