using System.Diagnostics;
using System.Runtime.InteropServices;
using NetVS.Bench.Paths;
using NetVS.Director.Network;
using NetVS.Linux;
using NetVS.Linux.Bpf;
using NetVS.Linux.Host;
using NetVS.Linux.Netlink;
using NetVS.Linux.Processor;
using NetVS.Packets;

namespace NetVS.Bench.Wires;

/// <summary>The generator in the client's namespace and the sink in the server's.</summary>
internal sealed class PacketBench : IDisposable
{
    /// <summary>Octets of a datagram's frame: the least of Ethernet, without the check sequence.</summary>
    public const int FrameLength = 60;

    // Enough at a time that the call itself does not count, yet over in some hundredths of a second.
    private const int Burst = 1 << 15;

    // While flows are made known nothing is to be lost: this many are sent at a time, and this many may be on their way. The rings of a
    // user-space director hold a few thousand.
    private const int Chunk = 256;
    private const int Window = 1024;
    private const int LeastPasses = 2;
    private const int MostPasses = 4;

    // A pass of which user space saw less than this was of known flows.
    private const double KnownShare = 0.01;
    private const uint Right = 0, Wrong = 1, BadChecksum = 2, Sampled = 3, Counters = 4;
    private static readonly TimeSpan s_lost = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(300);

    private readonly BenchNetwork _network;
    private readonly BpfObject _object;
    private readonly BpfMap _configuration;
    private readonly BpfMap _cursors;
    private readonly BpfMap _expectations;
    private readonly BpfMap _received;
    private readonly BpfMap _wrongFrames;
    private readonly BpfProgram _generate;
    private readonly BpfProgram _sink;
    private readonly BpfLink _sinkLink;
    private readonly int _clientDevice;

    public PacketBench(BenchNetwork network)
    {
        _network = network;
        _object = LoadObject();
        _configuration = _object.Map("configurations");
        _cursors = _object.Map("cursors");
        _expectations = _object.Map("expectations");
        _received = _object.Map("received");
        _wrongFrames = _object.Map("wrong_frames");
        _generate = _object.Program("generate");
        _sink = _object.Program("sink");
        _clientDevice = IndexOf(network.Client, "g0");
        _sinkLink = Attach(network.Server, "s0", _sink);
    }

    /// <summary>Loads the programs afresh: a second set, with its own configuration.</summary>
    public static BpfObject LoadObject()
    {
        BpfObject made = BpfObject.OpenEmbedded("bench");
        made.Load();
        return made;
    }

    /// <summary>Attaches an XDP program to a device of a host, in the driver.</summary>
    public static BpfLink Attach(BenchHost host, string device, BpfProgram program)
    {
        int index = IndexOf(host, device);
        return NetworkNamespace.Run(host.Path, () => BpfLink.AttachXdp(program, index, XdpMode.Native, device));
    }

    /// <summary>The index of a device of a host.</summary>
    public static int IndexOf(BenchHost host, string device) => NetworkNamespace.Run(host.Path, () =>
    {
        using var configuration = new NetworkConfiguration();
        NetworkInterface found = configuration.FindInterface(device) ?? throw new BenchException($"there is no device {device} in {host.Name}");
        return found.Index;
    });

    /// <summary>The datagrams of so many flows to an address, as the programs are told.</summary>
    public static BenchConfiguration Configure(int output, Ipv4Address service, int flows)
    {
        var configuration = new BenchConfiguration
        {
            Output = output, Flows = flows, Client = BenchNetwork.FirstClient.Value, Service = service.Value, Port = BenchNetwork.DatagramPort,
        };
        configuration.SetMacs(BenchNetwork.ClientMac, BenchNetwork.FrontMac);
        return configuration;
    }

    /// <summary>What the generator alone can do: the sink is at the director's front door.</summary>
    public PacketMeasurement MeasureAlone(int flows, TimeSpan duration)
    {
        using BpfLink front = Attach(_network.Director, "d0", _sink);
        using var nothing = new RunningPath(static () => { });
        return Measure(nothing, SinkExpectation.Of(BenchNetwork.FrontMac, BenchNetwork.Virtual), BenchNetwork.Virtual, flows, duration);
    }

    /// <summary>Makes flows known to a path, then sends as fast as it goes and counts what arrives.</summary>
    public PacketMeasurement Measure(IForwardingPath path, RunningPath running, int flows, TimeSpan duration) =>
        Measure(running, path.Expectation, path.Target, flows, duration);

    /// <summary>Makes flows known to a path: each is sent several times, no faster than the path takes them.</summary>
    public void Establish(IForwardingPath path, RunningPath running, int flows)
    {
        Begin(path.Expectation, path.Target, flows);
        RunGenerator(() => MakeKnown(running, flows));
        CheckArrived();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sinkLink.Dispose();
        _sink.Dispose();
        _generate.Dispose();
        _wrongFrames.Dispose();
        _received.Dispose();
        _expectations.Dispose();
        _cursors.Dispose();
        _configuration.Dispose();
        _object.Dispose();
    }

    private PacketMeasurement Measure(RunningPath running, SinkExpectation expectation, Ipv4Address target, int flows, TimeSpan duration)
    {
        Begin(expectation, target, flows);
        RunGenerator(() => MakeKnown(running, flows));
        CheckArrived();
        long? userBefore = running.ReadUserFrames?.Invoke();
        ulong allBefore = Read(Right);
        var measured = default(PacketMeasurement);
        using var stop = new CancellationTokenSource();
        Thread measurer = new(() =>
        {
            // The first burst finds caches that other things have used.
            Thread.Sleep(100);
            double busy = MachineFacts.BusySeconds();
            ulong before = Read(Right);
            long start = Stopwatch.GetTimestamp();
            Thread.Sleep(duration);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            measured = new PacketMeasurement((Read(Right) - before) / seconds, (MachineFacts.BusySeconds() - busy) / seconds, null);
            stop.Cancel();
        });
        measurer.Start();
        RunGenerator(() =>
        {
            while (!stop.IsCancellationRequested) Send(Burst);
        });
        measurer.Join();
        CheckArrived();
        ulong all = Read(Right) - allBefore;
        return userBefore is { } frames ? measured with { UserFramesPerPacket = (running.ReadUserFrames!() - frames) / (double)Math.Max(1, all) } : measured;
    }

    private void Begin(SinkExpectation expectation, Ipv4Address target, int flows)
    {
        _configuration.Update(0u, Configure(_clientDevice, target, flows));
        _expectations.Update(0u, expectation);
        byte[] zero = new byte[_received.ValueSize];
        for (uint i = 0; i < Counters; i++) _received.Update(MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in i)), zero);
        _cursors.Update(new byte[sizeof(uint)], new byte[_cursors.ValueSize]);
    }

    private void MakeKnown(RunningPath running, int flows)
    {
        for (int pass = 1; pass <= MostPasses; pass++)
        {
            long? before = running.IsFast ? running.ReadUserFrames?.Invoke() : null;
            Pass(flows);

            // What the director has to do about the last ones takes a moment.
            if (running.Process is not null) Thread.Sleep(s_settle);
            if (pass >= LeastPasses && !((before is null ? null : running.ReadUserFrames?.Invoke() - before) >= flows * KnownShare)) return;
        }
    }

    // Once through all flows.
    private void Pass(int flows)
    {
        ulong start = Read(Right);
        long lost = 0;
        for (long sent = Chunk; sent < (long)flows + Chunk; sent += Chunk)
        {
            Send(Chunk);
            ulong last = 0;
            long since = Stopwatch.GetTimestamp();
            while (true)
            {
                ulong arrived = Read(Right) - start;
                long missing = sent - (long)arrived - lost;
                if (missing <= Window) break;
                if (arrived != last)
                {
                    last = arrived;
                    since = Stopwatch.GetTimestamp();
                }
                else if (Stopwatch.GetElapsedTime(since) > s_lost)
                {
                    lost += missing;
                    break;
                }
            }
        }
    }

    private void Send(int count)
    {
        Span<byte> frame = stackalloc byte[FrameLength];
        frame.Clear();
        try
        {
            _generate.RunLive(frame, count);
        }
        catch (KernelCallException interrupted) when (interrupted.Errno == Errno.EINTR)
        {
            // A signal of the runtime's own; the next burst follows.
        }
    }

    // On a thread of its own, in the client's namespace and on one processor.
    private void RunGenerator(Action work) => NetworkNamespace.Run(_network.Client.Path, () =>
    {
        ProcessorTime.PinThread(0);
        try
        {
            work();
        }
        catch (KernelCallException refused)
        {
            throw new BenchException(refused.Message);
        }
    });

    private ulong Read(uint counter) => _received.SumPerCpu(counter);

    private void CheckArrived()
    {
        if (Read(Wrong) + Read(BadChecksum) > 0)
        {
            byte[] frame = new byte[_wrongFrames.ValueSize];
            _wrongFrames.TryLookup(new byte[sizeof(uint)], frame);
            throw new BenchException(
                $"of {Read(Right) + Read(Wrong) + Read(BadChecksum)} datagrams, {Read(Wrong)} arrived with a header that is not what forwarding had to " +
                $"make of it, and {Read(BadChecksum)} of {Read(Sampled)} examined with a bad checksum; one of them: {Convert.ToHexStringLower(frame)}");
        }

        if (Read(Right) == 0) throw new BenchException("no datagram arrived");
    }
}
