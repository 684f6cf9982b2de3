using System.Diagnostics;
using System.Runtime.InteropServices;
using NetVS.Linux;
using NetVS.Linux.Bpf;
using NetVS.Linux.Host;
using NetVS.Linux.Processor;
using NetVS.Packets;

namespace NetVS.Bench.Wires;

/// <summary>What one run of a loaded XDP program costs, by the kernel's test-run, with the flows its maps know.</summary>
/// <remarks>
/// A program of our own writes the next flow's datagram into the frame and hands it over (a tail call), so that each run sees a packet as it
/// came from a wire; what that costs with a program that does nothing is measured too and taken off.
/// </remarks>
/// <param name="host">The host whose interfaces the program knows.</param>
/// <param name="interfaceIndex">The interface the datagrams are to have come by.</param>
internal sealed class ProgramMeasurement(BenchHost host, int interfaceIndex) : IDisposable
{
    private const int XDP_TX = 3, XDP_REDIRECT = 4;
    private const int LeastRuns = 1 << 20;
    private const int Samples = 256;
    private readonly BpfObject _object = PacketBench.LoadObject();

    /// <summary>Nanoseconds a run takes.</summary>
    /// <param name="program">A loaded XDP program.</param>
    /// <param name="service">Where datagrams go.</param>
    /// <param name="flows">Of how many flows they are, in turn.</param>
    /// <param name="duration">How long to measure.</param>
    /// <exception cref="BenchException">It does not forward them.</exception>
    public double Measure(BpfProgram program, Ipv4Address service, int flows, TimeSpan duration)
    {
        using BpfMap configurations = _object.Map("configurations");
        using BpfMap cursors = _object.Map("cursors");
        configurations.Update(0u, PacketBench.Configure(interfaceIndex, service, flows));
        cursors.Update(new byte[sizeof(uint)], new byte[cursors.ValueSize]);
        using BpfProgram empty = _object.Program("empty");
        return NetworkNamespace.Run(host.Path, () =>
        {
            ProcessorTime.PinThread(0);
            Choose(program);
            CheckForwards();
            double with = Time(flows, duration);
            Choose(empty);
            return with - Time(flows, duration / 2);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _object.Dispose();

    private void Choose(BpfProgram program)
    {
        using BpfMap subject = _object.Map("subject");
        bool added = false;
        try
        {
            program.Handle.DangerousAddRef(ref added);
            subject.Update(0u, (int)program.Handle.DangerousGetHandle());
        }
        catch (KernelCallException refused)
        {
            throw new BenchException($"program {program.KernelName} cannot be called by one that was loaded as bench.bpf.c was: {refused.Message}");
        }
        finally
        {
            if (added) program.Handle.DangerousRelease();
        }
    }

    // What happens to a packet is of no interest when the packet went another way.
    private void CheckForwards()
    {
        byte[] output = new byte[256];
        byte[] expected = new byte[MacAddress.Size];
        BenchNetwork.ServerMac.Write(expected);
        uint verdict = 0;
        int forwarded = 0;
        for (int i = 0; i < Samples; i++)
        {
            TestRunResult result = Run(output, 1);
            if (result.ReturnValue is XDP_TX or XDP_REDIRECT && output.AsSpan(0, MacAddress.Size).SequenceEqual(expected)) forwarded++;
            else verdict = result.ReturnValue;
        }

        if (forwarded < Samples * 98 / 100)
        {
            throw new BenchException(
                $"of {Samples} datagrams of known flows the program at the hook forwarded {forwarded} itself (another's verdict: {verdict}): " +
                "is there a fast path in this netvs, and did it know the flows?");
        }
    }

    private double Time(int flows, TimeSpan duration)
    {
        int runs = flows >= LeastRuns ? flows : LeastRuns / flows * flows;
        List<double> times = [];
        long start = Stopwatch.GetTimestamp();
        do times.Add(Run([], runs).Nanoseconds);
        while (Stopwatch.GetElapsedTime(start) < duration);

        // What disturbs makes it longer: the low quartile is nearer the truth than the mean, and no lucky minimum.
        times.Sort();
        return times[times.Count / 4];
    }

    private TestRunResult Run(Span<byte> output, int runs)
    {
        Span<byte> frame = stackalloc byte[PacketBench.FrameLength];
        frame.Clear();

        // struct xdp_md: data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex.
        ReadOnlySpan<uint> context = [0, PacketBench.FrameLength, 0, (uint)interfaceIndex, 0, 0];
        using BpfProgram measure = _object.Program("measure");
        while (true)
        {
            try
            {
                return measure.TestRun(frame, output, runs, MemoryMarshal.AsBytes(context));
            }
            catch (KernelCallException interrupted) when (interrupted.Errno == Errno.EINTR)
            {
                // A signal of the runtime's own.
            }
        }
    }
}
