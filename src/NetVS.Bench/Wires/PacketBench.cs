using System.Diagnostics;
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
    private const int FrameLength = 60;
    private const int Burst = 1 << 15;
    private readonly BenchNetwork _network;
    private readonly BpfObject _object;
    private readonly BpfMap _configuration;
    private readonly BpfMap _received;
    private readonly BpfProgram _generate;
    private readonly BpfProgram _sink;
    private readonly BpfLink _sinkLink;
    private readonly int _clientDevice;

    public PacketBench(BenchNetwork network)
    {
        _network = network;
        _object = LoadObject();
        _configuration = _object.Map("configurations");
        _received = _object.Map("received");
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

    /// <summary>Attaches the sink at the director's front door instead: what the generator alone can do.</summary>
    public BpfLink SinkAtDirector() => Attach(_network.Director, "d0", _sink);

    /// <summary>Sends datagrams of so many flows to an address for a while, and counts what arrives.</summary>
    /// <returns>Packets per second that arrived, and how many cores the machine kept busy meanwhile.</returns>
    public (double PacketsPerSecond, double BusyCores) Measure(Ipv4Address service, int flows, TimeSpan duration)
    {
        var configuration = new BenchConfiguration
        {
            Output = _clientDevice, Flows = flows, Client = BenchNetwork.FirstClient.Value, Service = service.Value, Port = BenchNetwork.DatagramPort,
        };
        configuration.SetMacs(BenchNetwork.ClientMac, BenchNetwork.FrontMac);
        _configuration.Update(0u, configuration);
        using var stop = new CancellationTokenSource();
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Generate(stop.Token);
            }
            catch (KernelCallException refused)
            {
                failure = refused;
            }
        });
        thread.Start();
        (double, double) measured;
        try
        {
            // Every flow has to have come by a few times, so that what is measured are known ones.
            Thread.Sleep(TimeSpan.FromSeconds(0.5 + (flows / 200_000.0)));
            double busy = MachineFacts.BusySeconds();
            ulong before = _received.SumPerCpu(0);
            long start = Stopwatch.GetTimestamp();
            Thread.Sleep(duration);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            ulong after = _received.SumPerCpu(0);
            measured = ((after - before) / seconds, (MachineFacts.BusySeconds() - busy) / seconds);
        }
        finally
        {
            stop.Cancel();
            thread.Join();
        }

        return failure is null ? measured : throw new BenchException(failure.Message);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sinkLink.Dispose();
        _sink.Dispose();
        _generate.Dispose();
        _received.Dispose();
        _configuration.Dispose();
        _object.Dispose();
    }

    private void Generate(CancellationToken stop)
    {
        NetworkNamespace.Enter(_network.Client.Path);
        ProcessorTime.PinThread(0);
        Span<byte> frame = stackalloc byte[FrameLength];
        frame.Clear();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _generate.RunLive(frame, Burst);
            }
            catch (KernelCallException interrupted) when (interrupted.Errno == Errno.EINTR)
            {
                // A signal of the runtime's own; the next burst follows.
            }
        }
    }
}
