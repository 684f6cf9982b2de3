using System.Buffers.Binary;
using System.Text;
using NetVS.Director.Forwarding;
using NetVS.Director.Helpers;
using NetVS.Director.Services;
using NetVS.Director.Tests.Forwarding;
using NetVS.Director.Tests.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Sync;
using NetVS.Testing.Flows;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Helpers;

/// <summary>FTP through NAT where one fixture does not reach: several workers, full tables, the largest segments, memory.</summary>
public sealed class FtpForwardingTests
{
    // Longer than the real server's in text.
    private const string LongVip = "198.51.100.100";
    private const string Answer = "227 Entering Passive Mode (10,1,0,10,156,65).\r\n";
    private const TcpFlags Push = TcpFlags.Psh | TcpFlags.Ack;

    [Fact]
    public void DataConnections_OfOtherWorkers_AreFoundByThem()
    {
        using DirectorRig rig = Rig(Vip, workers: 3);
        int elsewhere = 0;
        for (ushort port = 1000; port < 1060; port++)
        {
            int control = Open(rig, Vip, port);
            Send(rig, control, fromClient: true, PacketBuilder.Tcp($"{Client}:{port}", $"{Vip}:21", Push).Seq(2).Ack(11).Payload("PASV\r\n"));
            Send(rig, control, fromClient: false, PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:{port}", Push).Seq(11).Ack(8).Payload(Answer));
            PacketBuilder data = PacketBuilder.Tcp($"{Client}:{port + 10000}", $"{Vip}:40001", TcpFlags.Syn);
            int owner = OwnerOf(rig, data, fromClient: true);
            if (owner != control) elsewhere++;
            Sent sent = Send(rig, owner, fromClient: true, data);
            DestinationOf(sent).ShouldBe(Endpoints.Parse("10.1.0.10:40001"));

            ushort active = (ushort)(port + 20000);
            Send(rig, control, fromClient: true, PacketBuilder.Tcp($"{Client}:{port}", $"{Vip}:21", Push).Seq(8).Ack(58)
                .Payload($"PORT 203,0,113,7,{active >> 8},{active & 255}\r\n"));
            PacketBuilder opened = PacketBuilder.Tcp("10.1.0.10:20", $"{Client}:{active}", TcpFlags.Syn);
            owner = OwnerOf(rig, opened, fromClient: false);
            if (owner != control) elsewhere++;
            SourceOf(Send(rig, owner, fromClient: false, opened)).ShouldBe(Endpoints.Parse($"{Vip}:20"));
        }

        elsewhere.ShouldBeGreaterThan(20, "data connections belong to other workers than their control connections");
        rig.Engine.ListHelpers().ShouldBe([new HelperView("ftp", IpProtocol.Tcp, 21, 60)]);
        DropReasons.All.Sum(rig.Drops).ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FullSegment_ThatGrows_LeavesInTwo_WhoeverCutsIt(bool isUnsegmented)
    {
        using DirectorRig rig = Rig(LongVip);
        Open(rig, LongVip, 1000);
        rig.FromClient(PacketBuilder.Tcp($"{Client}:1000", $"{LongVip}:21", Push).Seq(2).Ack(11).Payload("PASV\r\n"));
        int octets = isUnsegmented ? 4000 : 1460;
        string text = new string('x', octets - Answer.Length - 2) + "\r\n" + Answer;
        PacketBuilder full = PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:1000", Push).DontFragment().Seq(11).Ack(8).Payload(text);
        if (isUnsegmented) full.PartialChecksum().Gso(GsoKind.TcpV4, 1460);
        Sent sent = rig.FromReal(full);
        sent.Verdict.ShouldBe(Verdict.Transmit);
        sent.Offload.Gso.ShouldBe(GsoKind.TcpV4);
        sent.Offload.GsoSize.ShouldBe((ushort)1460);
        PacketOffload offload = sent.Offload;
        Segmenter.Create(sent.Frame, in offload, out Segmenter segmenter).ShouldBe(SegmenterError.None);
        string whole = "";
        byte[] buffer = new byte[2000];
        while (segmenter.TryWriteNext(buffer, out int length))
        {
            length.ShouldBeLessThanOrEqualTo(1514);
            PacketChecker.Verify(buffer.AsSpan(0, length));
            whole += Encoding.ASCII.GetString(buffer, 54, length - 54);
        }

        whole.ShouldBe(text.Replace("10,1,0,10", "198,51,100,100", StringComparison.Ordinal));
        sent = rig.FromReal(PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:1000", TcpFlags.Ack).Seq((uint)(11 + octets)).Ack(8));
        TcpOf(sent).Sequence.Host.ShouldBe((uint)(11 + octets + 5));
    }

    [Fact]
    public void OneSession_HoldsSoManyDataConnections_AndNoMore()
    {
        using DirectorRig rig = Rig(Vip);
        Open(rig, Vip, 1000);
        uint sequence = 2;
        for (int i = 0; i <= HelperSessions.MostHeld; i++)
        {
            string command = $"PORT 203,0,113,7,200,{i}\r\n";
            Sent sent = rig.FromClient(PacketBuilder.Tcp($"{Client}:1000", $"{Vip}:21", Push).Seq(sequence).Ack(11).Payload(command));
            sequence += (uint)command.Length;
            sent.Verdict.ShouldBe(i < HelperSessions.MostHeld ? Verdict.Transmit : Verdict.Drop);
        }

        rig.Drops(DropReason.ExpectationsFull).ShouldBe(1);
        rig.Connections().Count(c => c.State == "LISTEN").ShouldBe(HelperSessions.MostHeld);

        // Another client's session has its own.
        Open(rig, Vip, 1001);
        rig.FromClient(PacketBuilder.Tcp($"{Client}:1001", $"{Vip}:21", Push).Seq(2).Ack(11).Payload("PORT 203,0,113,7,201,1\r\n")).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void Session_OutlivesItsControlConnection_ForTheDataConnection_AndIsUsedAgain()
    {
        using DirectorRig rig = Rig(Vip);
        Open(rig, Vip, 1000);
        rig.FromClient(PacketBuilder.Tcp($"{Client}:1000", $"{Vip}:21", Push).Seq(2).Ack(11).Payload("PORT 203,0,113,7,200,1\r\n"));
        rig.FromReal(PacketBuilder.Tcp("10.1.0.10:20", $"{Client}:51201", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);

        // The client begins the control connection anew where it had been reset.
        rig.FromReal(PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:1000", TcpFlags.Rst).Seq(11));
        Open(rig, Vip, 1000);
        rig.Engine.ListHelpers()[0].Connections.ShouldBe(1);
        rig.FromReal(PacketBuilder.Tcp("10.1.0.10:20", $"{Client}:51201", TcpFlags.Ack)).Verdict.ShouldBe(Verdict.Transmit);
        rig.Now += TimeSpan.FromSeconds(2000);
        for (int i = 0; i < 3; i++, rig.Now += TimeSpan.FromSeconds(100)) rig.Worker.AdvanceTimers(rig.Now);
        rig.Connections().ShouldBeEmpty();
        rig.Engine.ListHelpers()[0].Connections.ShouldBe(0);
        rig.Engine.FindService(Key(IpProtocol.Tcp, $"{Vip}:21"))!.Destinations[0].InactiveConnections.ShouldBe(0);
    }

    [Fact]
    public void Commands_Answers_AndDataConnections_AllocateNothing()
    {
        using DirectorRig rig = Rig(LongVip);
        Open(rig, LongVip, 1000);
        byte[] syn = PacketBuilder.Tcp($"{Client}:1000", $"{LongVip}:21", TcpFlags.Syn).Seq(1).Macs(Router, F0).Build();
        byte[] pasv = PacketBuilder.Tcp($"{Client}:1000", $"{LongVip}:21", Push).Seq(2).Ack(11).Payload("PASV\r\n").Macs(Router, F0).Build();
        byte[] port = PacketBuilder.Tcp($"{Client}:1000", $"{LongVip}:21", Push).Seq(8).Ack(63).Payload("EPRT |1|203.0.113.7|40001|\r\n").Macs(Router, F0).Build();
        byte[] answer = PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:1000", Push).Seq(11).Ack(8).Payload(Answer).Macs(RealMac(10), B0).Build();
        byte[] data = PacketBuilder.Tcp($"{Client}:2000", $"{LongVip}:40001", TcpFlags.Syn).Macs(Router, F0).Build();
        byte[] reset = PacketBuilder.Tcp("10.1.0.10:40001", $"{Client}:2000", TcpFlags.Rst).Macs(RealMac(10), B0).Build();
        byte[] buffer = new byte[Packet.Headroom + 2000];
        int f0 = rig.InterfaceOf("f0"), b0 = rig.InterfaceOf("b0");
        Allocations.Measure(1000, () =>
        {
            // Begun anew, the session takes the same segments for new ones.
            Pass(rig, buffer, syn, f0);
            Pass(rig, buffer, pasv, f0);
            Pass(rig, buffer, answer, b0);
            Pass(rig, buffer, data, f0);
            Pass(rig, buffer, reset, b0);
            Pass(rig, buffer, port, f0);
        }).ShouldBe(0);
    }

    [Fact]
    public void Diversion_HasAllPorts_OfFtpsNatServersOnly()
    {
        EngineUnderTest test = new(withSink: true);
        ServiceKey ftp = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("192.0.2.1"), 21);
        test.Engine.AddService(EngineUnderTest.Service() with { Key = ftp }).ShouldBe(RuleResult.Ok);
        IpEndpoint real = new(IpAddress.Parse("10.0.0.1"), 2121);
        test.Engine.AddDestination(ftp, new DestinationRule { Real = real, Method = ForwardingMethod.DirectRouting }).ShouldBe(RuleResult.Ok);
        DivertEndpoint all = new(IpProtocol.Tcp, ftp.Address, 0);
        test.Sink!.Last.Virtuals.ShouldNotContain(all);
        test.Engine.EditDestination(ftp, new DestinationRule { Real = real, Method = ForwardingMethod.Nat }).ShouldBe(RuleResult.Ok);
        test.Sink!.Last.Virtuals.ShouldContain(all);
        test.Sink!.Last.Reals.ShouldContain(new DivertEndpoint(IpProtocol.Tcp, real.Address, 0));

        // The setting acts within one tick.
        test.Engine.Settings.TrySet("ftp_ports", "2121", out _).ShouldBeTrue();
        test.Engine.Tick(MonotonicTime.FromSeconds(1));
        test.Engine.Tick(MonotonicTime.FromSeconds(2));
        test.Sink!.Last.Virtuals.ShouldBe([new DivertEndpoint(IpProtocol.Tcp, ftp.Address, 21)]);
    }

    [Fact]
    public void ControlConnection_GoesOnAtAnotherDirector_WithItsNumbers()
    {
        using DirectorRig master = Rig(LongVip), backup = Rig(LongVip);
        master.Engine.Sync.StartMaster(1);
        Open(master, LongVip, 1000);
        master.FromClient(PacketBuilder.Tcp($"{Client}:1000", $"{LongVip}:21", Push).Seq(2).Ack(11).Payload("PASV\r\n"));
        master.FromReal(PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:1000", Push).Seq(11).Ack(8).Payload(Answer));
        for (int i = 0; i < 60; i++) master.FromClient(PacketBuilder.Tcp($"{Client}:1000", $"{LongVip}:21", TcpFlags.Ack).Seq(8).Ack(63));
        SyncRecord last = default;
        while (master.Engine.Sync.TryTake(0, master.Now, out SyncRecord record)) last = record;
        (last.Flags & SyncFlags.Sequence).ShouldBe(SyncFlags.OutboundSequence);
        last.Outbound.Delta.ShouldBe(5u);

        // What a message carries besides the record is judged with it.
        var extras = new SyncExtras { HasSequence = true, Outbound = last.Outbound };
        backup.Engine.Sync.Admits(in last, in extras).ShouldBeTrue();
        backup.Worker.TakeSynced([last], backup.Now);
        Sent sent = backup.FromReal(PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:1000", TcpFlags.Ack).Seq((uint)(11 + Answer.Length)).Ack(8));
        TcpOf(sent).Sequence.Host.ShouldBe((uint)(11 + Answer.Length + 5));
        sent = backup.FromClient(PacketBuilder.Tcp($"{Client}:1000", $"{LongVip}:21", Push).Seq(8).Ack((uint)(11 + Answer.Length + 5)).Payload("EPSV\r\n"));
        TcpOf(sent).Acknowledgment.Host.ShouldBe((uint)(11 + Answer.Length));
        backup.FromReal(PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:1000", Push).Seq((uint)(11 + Answer.Length)).Ack(14).Payload("229 (|||40001|)\r\n"));
        backup.FromClient(PacketBuilder.Tcp($"{Client}:1001", $"{LongVip}:40001", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void DataConnections_AreAdopted_ByTheNextDirector()
    {
        using var memory = new FlowTestMemory();

        // A rig that is disposed of takes the flow table with it.
        DirectorRig first = Rig(Vip, flows: memory);
        Open(first, Vip, 1000);
        Send(first, 0, fromClient: true, PacketBuilder.Tcp($"{Client}:1000", $"{Vip}:21", Push).Seq(2).Ack(11).Payload("EPSV\r\n"));
        Send(first, 0, fromClient: false, PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:1000", Push).Seq(11).Ack(8).Payload("229 (|||40001|)\r\n"));
        Send(first, 0, fromClient: true, PacketBuilder.Tcp($"{Client}:1001", $"{Vip}:40001", TcpFlags.Syn));
        Send(first, 0, fromClient: true, PacketBuilder.Tcp($"{Client}:1000", $"{Vip}:21", Push).Seq(8).Ack(28).Payload("EPRT |1|203.0.113.7|1002|\r\n"));
        Send(first, 0, fromClient: false, PacketBuilder.Tcp("10.1.0.10:55555", $"{Client}:1002", TcpFlags.Syn));
        foreach (DirectorWorker worker in first.Engine.Workers) worker.Dispose();

        DirectorRig next = Rig(Vip, flows: memory);
        next.Engine.AdoptFlows(next.Now).Adopted.ShouldBe(2);
        next.Connections().Select(c => $"{c.Client} {c.Virtual} {c.Real}").Order().ShouldBe(
            [$"{Client}:1001 {Vip}:40001 10.1.0.10:40001", $"{Client}:1002 {Vip}:20 10.1.0.10:55555"]);
        foreach (DirectorWorker worker in next.Engine.Workers) worker.Dispose();
    }

    private static DirectorRig Rig(string vip, int workers = 1, FlowTestMemory? flows = null) =>
        new DirectorRig(workers: workers, flows: flows).Service($"{vip}:21", ForwardingMethod.Nat, "10.1.0.10:21");

    private static int Open(DirectorRig rig, string vip, ushort port)
    {
        PacketBuilder syn = PacketBuilder.Tcp($"{Client}:{port}", $"{vip}:21", TcpFlags.Syn).Seq(1);
        int owner = OwnerOf(rig, syn, fromClient: true);
        Send(rig, owner, fromClient: true, syn);
        Send(rig, owner, fromClient: false, PacketBuilder.Tcp("10.1.0.10:21", $"{Client}:{port}", TcpFlags.Syn | TcpFlags.Ack).Seq(10).Ack(2));
        Send(rig, owner, fromClient: true, PacketBuilder.Tcp($"{Client}:{port}", $"{vip}:21", TcpFlags.Ack).Seq(2).Ack(11));
        return owner;
    }

    private static Sent Send(DirectorRig rig, int worker, bool fromClient, PacketBuilder packet)
    {
        Sent sent = rig.ProcessOn(worker, Framed(packet, fromClient), rig.InterfaceOf(fromClient ? "f0" : "b0"));
        sent.Verdict.ShouldBe(Verdict.Transmit);
        return sent;
    }

    private static byte[] Framed(PacketBuilder packet, bool fromClient) =>
        (fromClient ? packet.Macs(Router, F0) : packet.Macs(RealMac(10), B0)).Build();

    private static int OwnerOf(DirectorRig rig, PacketBuilder builder, bool fromClient) =>
        rig.FindOwner(2 % rig.Engine.Workers.Count, Framed(builder, fromClient), fromClient ? "f0" : "b0");

    private static void Pass(DirectorRig rig, byte[] buffer, byte[] frame, int device)
    {
        frame.CopyTo(buffer, Packet.Headroom);
        var packet = new Packet { Buffer = buffer, Offset = Packet.Headroom, Length = frame.Length, ReceiveInterface = device };
        if (rig.Worker.Process(ref packet, rig.Now) != Verdict.Transmit) throw new InvalidOperationException($"not sent: {packet.Reason}");
    }

    private static TcpHeader TcpOf(Sent sent) => WireView.ReadAt<TcpHeader>(sent.Frame, 34);

    private static IpEndpoint SourceOf(Sent sent) => new(new IpAddress(Ipv4Address.Read(sent.Frame.AsSpan(26))), BinaryPrimitives.ReadUInt16BigEndian(sent.Frame.AsSpan(34)));

    private static IpEndpoint DestinationOf(Sent sent) => new(new IpAddress(Ipv4Address.Read(sent.Frame.AsSpan(30))), BinaryPrimitives.ReadUInt16BigEndian(sent.Frame.AsSpan(36)));
}
