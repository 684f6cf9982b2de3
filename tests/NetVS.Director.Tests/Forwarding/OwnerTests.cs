using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class OwnerTests
{
    private const int Workers = 3;

    private static DirectorRig Rig(ForwardingMethod method)
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0", workers: Workers).Service("192.0.2.1:80", method, "10.1.0.10:80");
        rig.Service(IpProtocol.Udp, "192.0.2.1:53", method, "10.1.0.10:53");
        if (method != ForwardingMethod.FullNat) return rig;
        foreach (IpProtocol protocol in new[] { IpProtocol.Tcp, IpProtocol.Udp })
            rig.Engine.AddLocalAddress(Key(protocol, protocol == IpProtocol.Tcp ? "192.0.2.1:80" : "192.0.2.1:53"), IpAddress.Parse("10.1.0.2"));
        return rig;
    }

    [Theory]
    [InlineData(ForwardingMethod.Nat)]
    [InlineData(ForwardingMethod.FullNat)]
    public void RequestReplyAndErrors_HaveOneOwner_WhoeverReceivesThem(ForwardingMethod method)
    {
        using DirectorRig rig = Rig(method);
        var owners = new HashSet<int>();
        for (int port = 1000; port < 1100; port++)
        {
            PacketBuilder syn = PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0);
            int owner = OwnerOf(rig, syn.Build(), "f0");
            owners.Add(owner);
            Sent sent = rig.ProcessOn(owner, syn.Build(), rig.InterfaceOf("f0"));
            sent.Verdict.ShouldBe(Verdict.Transmit);
            (IpEndpoint source, IpEndpoint real) = EndsOf(sent.Frame);

            byte[] reply = PacketBuilder.Tcp(real, source, TcpFlags.Syn | TcpFlags.Ack).Macs(RealMac(10), B0).Build();
            OwnerOf(rig, reply, "b0").ShouldBe(owner);
            rig.ProcessOn(owner, reply, rig.InterfaceOf("b0")).Verdict.ShouldBe(Verdict.Transmit);

            byte[] aboutRequest = PacketBuilder.IcmpError(real.Address.ToString(), source.Address.ToString(), 3, 1, sent.Frame.AsSpan(14))
                .Macs(RealMac(10), B0).Build();
            OwnerOf(rig, aboutRequest, "b0").ShouldBe(owner);
            byte[] aboutReply = PacketBuilder.IcmpError("198.18.0.9", Vip, 3, 1,
                PacketBuilder.Tcp("192.0.2.1:80", $"203.0.113.7:{port}", TcpFlags.Ack).BuildIp()).Macs(Router, F0).Build();
            OwnerOf(rig, aboutReply, "f0").ShouldBe(owner);
        }

        owners.Count.ShouldBe(Workers);
    }

    [Fact]
    public void AllFragments_GoToTheConnectionsOwner_WhereverTheyArrive()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        for (int port = 1000; port < 1030; port++)
        {
            string client = $"203.0.113.7:{port}";
            int owner = OwnerOf(rig, PacketBuilder.Udp(client, "192.0.2.1:53").Macs(Router, F0).Build(), "f0");
            IReadOnlyList<byte[]> fragments = PacketBuilder.Udp(client, "192.0.2.1:53").Payload(3000).Id((ushort)port)
                .DontFragment(false).Macs(Router, F0).BuildFragments(1500);

            for (int i = 0; i < fragments.Count; i++)
            {
                var packet = new Packet { Buffer = fragments[i], Length = fragments[i].Length, ReceiveInterface = rig.InterfaceOf("f0") };
                rig.Engine.Workers[i].AdvanceTimers(rig.Now);
                rig.Engine.Workers[i].FindOwner(in packet).ShouldBe(owner);
                rig.ProcessOn(owner, fragments[i], rig.InterfaceOf("f0")).Verdict.ShouldBe(Verdict.Transmit);
            }
        }
    }

    [Fact]
    public void TunnelError_BelongsToTheClientsOwner()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel);
        for (int port = 1000; port < 1030; port++)
        {
            PacketBuilder syn = PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0);
            int owner = OwnerOf(rig, syn.Build(), "f0");
            Sent sent = rig.ProcessOn(owner, syn.Build(), rig.InterfaceOf("f0"));
            byte[] error = PacketBuilder.IcmpError("10.1.0.11", "10.1.0.1", 3, 2, sent.Frame.AsSpan(14)).Macs(RealMac(10), B0).Build();

            OwnerOf(rig, error, "b0").ShouldBe(owner);
        }
    }

    [Fact]
    public void WhatBelongsToNobody_Stays()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        var packet = new Packet { Buffer = new byte[60], Length = 60 };

        for (int i = 0; i < Workers; i++) rig.Engine.Workers[i].FindOwner(in packet).ShouldBe(i);
    }

    [Fact]
    public void RulesThatChangeAfterTheAnnouncement_DecideAboutTheOwner()
    {
        var owners = new HashSet<int>();
        for (int port = 1000; port < 1030; port++)
        {
            using DirectorRig rig = Rig(ForwardingMethod.Nat);
            byte[] frame = PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.8:80", TcpFlags.Syn).Macs(Router, F0).Build();
            foreach (DirectorWorker worker in rig.Engine.Workers) worker.Announce(frame);

            rig.Service("192.0.2.8:80", ForwardingMethod.Nat, "10.1.0.10:80");

            byte[] known = PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0).Build();
            int owner = OwnerOf(rig, frame, "f0");
            owner.ShouldBe(OwnerOf(rig, known, "f0"));
            owners.Add(owner);
        }

        owners.Count.ShouldBe(Workers);
    }

    private static int OwnerOf(DirectorRig rig, byte[] frame, string device)
    {
        int[] answers = [.. Enumerable.Range(0, Workers).Select(i => rig.FindOwner(i, frame, device))];
        answers.ShouldAllBe(answer => answer == answers[0]);
        return answers[0];
    }

    private static (IpEndpoint Source, IpEndpoint Destination) EndsOf(byte[] frame)
    {
        ref readonly Ipv4Header ip = ref WireView.ReadAt<Ipv4Header>(frame, 14);
        ref readonly TcpHeader tcp = ref WireView.ReadAt<TcpHeader>(frame, 34);
        return (new IpEndpoint(ip.SourceAddress.Host, tcp.SourcePort.Host), new IpEndpoint(ip.DestinationAddress.Host, tcp.DestinationPort.Host));
    }
}
