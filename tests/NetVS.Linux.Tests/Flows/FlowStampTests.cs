using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using NetVS.Director.Offload;
using NetVS.Linux.Native;
using NetVS.Linux.PacketSocket;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.Tests.Flows;

/// <summary>The filter of the AF_PACKET sockets and tc ingress decide as one, while flows come and go between them.</summary>
public sealed class FlowStampTests : IDisposable
{
    private const int Packets = 200_000, InFlight = 200;

    private readonly FlowWire _wire = new();

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void Packets_OfAFlowThatComesAndGoes_AreNeitherLostNorDoubled(int workers, bool allowTcx)
    {
        IReadOnlyList<PacketSocketLink> sockets = _wire.Listen(workers, allowTcx);
        Socket client = Open(_wire.Client.Run, FlowWire.ClientAddress, 4000);
        Socket server = Open(_wire.Server.Run, FlowWire.RealAddress, 80);
        int line = _wire.Flows.Install(
            IpProtocol.Udp, $"{FlowWire.ClientAddress}:4000", $"{FlowWire.VirtualAddress}:80", FlowAction.Rewrite,
            $"{FlowWire.ClientAddress}:4000", $"{FlowWire.RealAddress}:80", FlowWire.HopToServer);
        int[] bySocket = new int[Packets], byFlow = new int[Packets];
        long arrived = 0, toggles = 0;
        bool isOver = false;

        var threads = new List<Thread>
        {
            new(() =>
            {
                byte[] buffer = new byte[100];
                while (!Volatile.Read(ref isOver))
                {
                    if (!server.Poll(10_000, SelectMode.SelectRead)) continue;
                    Note(byFlow, buffer.AsSpan(0, server.Receive(buffer)), ref arrived);
                }
            }),
            new(() =>
            {
                ref uint version = ref _wire.Flows.Memory.LinesV4[line].Version;
                uint generation = version & ~FlowAbi.StateMask;
                while (!Volatile.Read(ref isOver))
                {
                    Volatile.Write(ref version, generation | FlowAbi.Free);
                    Pause(toggles);
                    generation = unchecked(generation + FlowAbi.Generation);
                    Volatile.Write(ref version, generation | FlowAbi.Busy);
                    Volatile.Write(ref version, generation | FlowAbi.Live);
                    Pause(++toggles * 7);
                }
            }),
        };
        foreach (PacketSocketLink socket in sockets)
        {
            threads.Add(new Thread(() =>
            {
                var handler = new Noter(octets => Note(bySocket, octets, ref arrived));
                using var poller = new Poller();
                poller.SetLinks([socket]);
                while (!Volatile.Read(ref isOver))
                {
                    if (socket.Receive(handler, 64) == 0) poller.Wait(TimeSpan.FromMilliseconds(1));
                    socket.Release();
                }
            }));
        }

        foreach (Thread thread in threads) thread.Start();
        var target = new IPEndPoint(IPAddress.Parse(FlowWire.VirtualAddress), 80);
        byte[] payload = new byte[32];
        long last = Environment.TickCount64;
        for (int i = 0; i < Packets; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(payload, i);
            client.SendTo(payload, target);
            long known = Volatile.Read(ref arrived);
            while (i - Volatile.Read(ref arrived) > InFlight && Environment.TickCount64 - last < 3000) Thread.Yield();
            if (Volatile.Read(ref arrived) != known) last = Environment.TickCount64;
        }

        SpinWait.SpinUntil(() => Volatile.Read(ref arrived) >= Packets, 3000);
        Thread.Sleep(50);
        Volatile.Write(ref isOver, true);
        foreach (Thread thread in threads) thread.Join();

        int lost = Enumerable.Range(0, Packets).Count(i => bySocket[i] + byFlow[i] == 0);
        int doubled = Enumerable.Range(0, Packets).Count(i => bySocket[i] + byFlow[i] > 1);
        string summary = $"{byFlow.Sum()} by the flow, {bySocket.Sum()} by the socket, {toggles} changes";
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        (lost, doubled).ShouldBe((0, 0), summary);
        byFlow.Sum().ShouldBeGreaterThan(1000, summary);
        bySocket.Sum().ShouldBeGreaterThan(1000, summary);
        toggles.ShouldBeGreaterThan(1000, summary);
        IReadOnlyDictionary<string, long> counters = _wire.Flows.Program.ReadCounters();
        counters["flow_forwarded"].ShouldBe(byFlow.Sum());
        counters["divert_to_virtual"].ShouldBe(bySocket.Sum());
        _wire.Flows.Counted().InboundPackets.ShouldBe((ulong)byFlow.Sum());
    }

    public void Dispose() => _wire?.Dispose();

    private static void Note(int[] seen, ReadOnlySpan<byte> payload, ref long arrived)
    {
        Interlocked.Increment(ref seen[BinaryPrimitives.ReadInt32BigEndian(payload)]);
        Interlocked.Increment(ref arrived);
    }

    // Of very different lengths, so that changes fall anywhere in a packet's way.
    private static void Pause(long seed)
    {
        int rounds = (int)(seed * 2654435761 % 4096);
        if (rounds < 8) Thread.Yield();
        Thread.SpinWait(rounds);
    }

    private Socket Open(Func<Func<Socket>, Socket> run, string address, int port) => _wire.Keep(run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        return socket;
    }));

    private sealed class Noter(Noter.Note note) : IFrameHandler
    {
        private const int PayloadOffset = 14 + 20 + 8;

        public delegate void Note(ReadOnlySpan<byte> payload);

        public void Expect(ReadOnlySpan<byte> frame)
        {
        }

        public void Handle(ref LinkFrame frame) => note(frame.Octets[PayloadOffset..]);
    }
}
