using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Limits of a service and of its clients, as connections begin, end, and outlive changes of the rules.</summary>
public sealed class ServiceLimitTests
{
    private static readonly ServiceKey s_key = Key(IpProtocol.Tcp, "192.0.2.1:80");

    private static DirectorRig Rig(ServiceOptions? options, ForwardingMethod method = ForwardingMethod.Nat, int workers = 1)
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0", workers: workers).Service("192.0.2.1:80", method, "10.1.0.10:80");
        if (method == ForwardingMethod.FullNat) rig.Engine.AddLocalAddress(s_key, IpAddress.Parse("10.1.0.2"));
        if (options is not null) Edit(rig, options);
        return rig;
    }

    private static void Edit(DirectorRig rig, ServiceOptions options)
    {
        rig.Engine.EditService(rig.Engine.FindService(s_key)!.Rule with { Options = options }).ShouldBe(RuleResult.Ok);
        Sweep(rig);
    }

    private static void Sweep(DirectorRig rig)
    {
        foreach (DirectorWorker worker in rig.Engine.Workers)
            for (int i = 0; i < 1000 && worker.AdvanceTimers(rig.Now) <= rig.Now; i++) { }
    }

    private static PacketBuilder Syn(int port, string client = "203.0.113.7") => PacketBuilder.Tcp($"{client}:{port}", "192.0.2.1:80", TcpFlags.Syn).Seq(1).Ttl(64);

    private static bool IsLetIn(DirectorRig rig, int port, string client = "203.0.113.7")
    {
        Sent sent = rig.FromClient(Syn(port, client));
        if (sent.Verdict == Verdict.Drop) sent.Reason.ShouldBeOneOf(DropReason.ClientLimit, DropReason.ServiceLimit);
        return sent.Verdict == Verdict.Transmit;
    }

    private static void Pass(DirectorRig rig, double seconds)
    {
        for (double passed = 0; passed < seconds; passed += 0.25)
        {
            rig.Now += TimeSpan.FromSeconds(0.25);
            rig.Engine.Tick(rig.Now);
            Sweep(rig);
        }
    }

    [Theory]
    [InlineData(ForwardingMethod.Nat)]
    [InlineData(ForwardingMethod.DirectRouting)]
    [InlineData(ForwardingMethod.FullNat)]
    public void Client_HasSoMany_UntilOneEnds(ForwardingMethod method)
    {
        using DirectorRig rig = Rig(new ServiceOptions { MostPerClient = 2 }, method);
        IsLetIn(rig, 1000).ShouldBeTrue();
        IsLetIn(rig, 1001).ShouldBeTrue();
        IsLetIn(rig, 1002).ShouldBeFalse();

        // The SYN again is the connection's, and other clients are others.
        IsLetIn(rig, 1001).ShouldBeTrue();
        IsLetIn(rig, 1002, "203.0.113.8").ShouldBeTrue();
        rig.Drops(DropReason.ClientLimit).ShouldBe(1);
        Pass(rig, 61);
        rig.Connections().ShouldBeEmpty();
        IsLetIn(rig, 1002).ShouldBeTrue();
        IsLetIn(rig, 1003).ShouldBeTrue();
        IsLetIn(rig, 1004).ShouldBeFalse();
    }

    [Fact]
    public void LimitThatComesLater_CountsWhatIsThere_AndAnotherPrefixToo()
    {
        using DirectorRig rig = Rig(null);
        IsLetIn(rig, 1000).ShouldBeTrue();
        IsLetIn(rig, 1000, "203.0.113.8").ShouldBeTrue();
        Edit(rig, new ServiceOptions { MostPerClient = 1 });
        IsLetIn(rig, 1001).ShouldBeFalse();
        IsLetIn(rig, 1001, "203.0.113.9").ShouldBeTrue();
        Edit(rig, new ServiceOptions { MostPerClient = 4, ClientPrefix = 24 });
        IsLetIn(rig, 1001).ShouldBeTrue();
        IsLetIn(rig, 1002, "203.0.113.200").ShouldBeFalse();
        Edit(rig, ServiceOptions.None);
        IsLetIn(rig, 1002, "203.0.113.200").ShouldBeTrue();

        // All five end, and take nothing from counts that never knew them.
        Edit(rig, new ServiceOptions { MostPerClient = 5, ClientPrefix = 24 });
        IsLetIn(rig, 1003).ShouldBeFalse();
        Pass(rig, 61);
        for (int port = 2000; port < 2005; port++) IsLetIn(rig, port).ShouldBeTrue();
        IsLetIn(rig, 2005).ShouldBeFalse();
    }

    [Fact]
    public void ServiceDeletedAndAddedAgain_CountsConnectionsThatCameBack()
    {
        var options = new ServiceOptions { MostPerClient = 2 };
        using DirectorRig rig = Rig(options);
        IsLetIn(rig, 1000).ShouldBeTrue();
        rig.Engine.DeleteService(s_key).ShouldBe(RuleResult.Ok);
        rig.Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        Edit(rig, options);
        IsLetIn(rig, 1001).ShouldBeTrue();
        IsLetIn(rig, 1002).ShouldBeFalse();
        Pass(rig, 61);
        IsLetIn(rig, 1003).ShouldBeTrue();
        IsLetIn(rig, 1004).ShouldBeTrue();
        IsLetIn(rig, 1005).ShouldBeFalse();
    }

    [Fact]
    public void Service_HasSoManyActive()
    {
        using DirectorRig rig = Rig(new ServiceOptions { MostConnections = 2, OverLimit = OverLimit.Reject });
        IsLetIn(rig, 1000).ShouldBeTrue();
        IsLetIn(rig, 1000, "203.0.113.8").ShouldBeTrue();
        Sent refused = rig.FromClient(Syn(1000, "203.0.113.9"));
        refused.Reason.ShouldBe(DropReason.ServiceLimit);
        refused.Verdict.ShouldBe(Verdict.Transmit);
        rig.Worker.CountEvents(ForwardingEvent.ResetSent).ShouldBe(1);

        // One that closes is not active any more.
        rig.FromReal(PacketBuilder.Tcp("10.1.0.10:80", "203.0.113.7:1000", TcpFlags.Rst).Ttl(64));
        Sweep(rig);
        IsLetIn(rig, 1000, "203.0.113.9").ShouldBeTrue();
    }

    [Fact]
    public void Workers_ShareTheCounts()
    {
        using DirectorRig rig = Rig(new ServiceOptions { MostPerClient = 3 }, workers: 4);
        int letIn = 0;
        var used = new HashSet<int>();
        for (int port = 1000; port < 1050; port++)
        {
            byte[] frame = Syn(port).Macs(Router, F0).Build();
            var packet = new Packet { Buffer = frame, Length = frame.Length, ReceiveInterface = rig.InterfaceOf("f0") };
            int owner = rig.Worker.FindOwner(in packet);
            used.Add(owner);
            if (rig.ProcessOn(owner, frame, rig.InterfaceOf("f0")).Verdict == Verdict.Transmit) letIn++;
        }

        used.Count.ShouldBe(4);
        letIn.ShouldBe(3);
        rig.Drops(DropReason.ClientLimit).ShouldBe(47);
    }
}
