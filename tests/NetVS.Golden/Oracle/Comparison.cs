using NetVS.Director.Forwarding;
using NetVS.Golden.Running;
using NetVS.Packets;
using NetVS.Testing.Packets;

namespace NetVS.Golden.Oracle;

/// <summary>Compares what the director made of a fixture with what the kernel made of it.</summary>
/// <param name="steps">The steps as the director took them.</param>
/// <param name="answers">The kernel's.</param>
/// <param name="isLocal">Whether an address is one of the director's.</param>
internal sealed class Comparison(IReadOnlyList<PlayedStep> steps, IReadOnlyList<KernelAnswer> answers, Func<IpAddress, bool> isLocal)
{
    private readonly List<string> _faults = [];
    private readonly List<(string Interface, byte[] Frame)> _ourFragments = [], _kernelFragments = [];
    private readonly List<byte[]> _awaiting = [];

    /// <summary>Every difference that no fixture excuses, and every excuse without a difference.</summary>
    public IReadOnlyList<string> Run()
    {
        string? lasting = null;
        for (int i = 0; i < steps.Count; i++)
        {
            PlayedStep step = steps[i];
            List<string> faults = [.. Compare(step, answers[i])];
            if (step.Excuse is { } excuse)
            {
                if (faults.Count == 0) _faults.Add($"{step.Place}: 'differs {excuse}' is not needed: there is no difference");
                if (step.IsExcuseLasting) lasting = excuse;
                faults.Clear();
            }

            if (lasting is not null) faults.Clear();
            _faults.AddRange(faults.Select(f => $"{step.Place}: {f}"));
        }

        if (lasting is null) _faults.AddRange(CompareFragments());
        return _faults;
    }

    private IEnumerable<string> Compare(PlayedStep step, KernelAnswer kernel)
    {
        foreach (string fault in CompareUnasked(kernel)) yield return fault;
        bool isPart = step.Received is { } received && FrameText.IsFragment(received.Frame);
        if (isPart) Collect(step, kernel);
        else if (step.Received is not null)
            foreach (string fault in CompareFrames(step, kernel)) yield return fault;
        if (step.Kernel.Do == "set" && kernel.Error is { } errno) yield return $"the kernel does not take {step.Kernel.Name} {step.Kernel.Value}: {errno}";
        if (step.Kernel.Do == "ipvsadm")
            foreach (string fault in CompareIpvsadm(step, kernel)) yield return fault;
        if (isPart || !step.Kernel.Looks) yield break;
        List<string> connections = ListingComparison.CompareConnections(step.Connections, kernel.Connections, out bool hasOverdue);
        foreach (string fault in connections) yield return fault;
        foreach (string fault in ListingComparison.CompareServices(step.Services, kernel.Services, hasOverdue)) yield return fault;
        if (step.ShowsCounters && ListingComparison.CompareTotals(step.Statistics, kernel.Live) is { } totals) yield return totals;
    }

    private static IEnumerable<string> CompareIpvsadm(PlayedStep step, KernelAnswer kernel)
    {
        string line = string.Join(' ', step.Kernel.Words!);
        if (step.Status != kernel.Status) yield return $"ipvsadm {line}: status {step.Status}, the kernel's {kernel.Status} {kernel.Error}";
        if (step.Error != kernel.Error) yield return $"ipvsadm {line}: says {step.Error} but the kernel's {kernel.Error}";
        foreach (string fault in ListingComparison.CompareListing(step.Output!, kernel.Output!)) yield return $"ipvsadm {line}: {fault}";
    }

    private IEnumerable<string> CompareFrames(PlayedStep step, KernelAnswer kernel)
    {
        List<KernelFrame> theirs = [.. kernel.Frames.OrderBy(f => f.Interface, StringComparer.Ordinal)];
        Outcome[] ours = [.. step.Outcomes.Where(o => o.Keyword == "out").OrderBy(o => o.Interface, StringComparer.Ordinal)];
        Outcome? left = step.Outcomes.FirstOrDefault(o => o.Keyword == "stack");
        if (left is not null)
        {
            if (FindLeft(step.Received!, left, kernel, theirs) is { } fault) yield return fault;
        }
        else
        {
            foreach (string packet in kernel.Stack) yield return $"{What(step)}, the kernel's goes to its stack: {DescribeIp(packet)}";
        }

        foreach (Outcome awaiting in step.Outcomes.Where(o => o.Keyword == "await"))
        {
            _awaiting.Add(FrameText.Ip(awaiting.Frame));
            if (kernel.Asked.Count == 0) yield return $"waits for a neighbour, the kernel does not: {Describe(awaiting.Frame)}";
        }

        for (int i = 0; i < Math.Max(ours.Length, theirs.Count); i++)
        {
            if (i >= theirs.Count) yield return $"the kernel does not send\n    {ours[i].Interface} {Describe(ours[i].Frame)}";
            else if (i >= ours.Length) yield return $"{What(step)}, the kernel sends\n    {theirs[i].Interface} {Describe(Convert.FromHexString(theirs[i].Frame))}";
            else if (Difference(ours[i], theirs[i]) is { } difference) yield return difference;
        }
    }

    private static string What(PlayedStep step) => step.Outcomes.Count == 0 ? $"dropped ({DropReasons.Name(step.Reason)})" : "not so here";

    /// <summary>What is left to the stack here reaches the kernel's own, is routed by it, or is nobody's there either.</summary>
    private string? FindLeft(ReceivedFrame received, Outcome left, KernelAnswer kernel, List<KernelFrame> frames)
    {
        byte[] packet = FrameText.Ip(left.Frame);
        if (kernel.Stack.Any(p => Convert.FromHexString(p).AsSpan().SequenceEqual(packet))) return null;
        if (FrameText.HasNoHopLeft(packet) && !isLocal(DestinationOf(packet)) && frames.Count == 1)
        {
            // The stack that it is left to says so.
            frames.Clear();
            return null;
        }

        byte[] routed = FrameText.Routed(packet);
        int index = isLocal(DestinationOf(packet)) ? -1 : frames.FindIndex(f => FrameText.Ip(Convert.FromHexString(f.Frame)).AsSpan().SequenceEqual(routed));
        if (index >= 0)
        {
            frames.RemoveAt(index);
            return null;
        }

        if (kernel.Stack.Count == 0 && frames.Count == 0 && !IsForDirector(received)) return null;
        return $"goes to the stack, but not in the kernel: {Describe(left.Frame)}{string.Concat(kernel.Stack.Select(p => "\n    there " + DescribeIp(p)))}";
    }

    private static IpAddress DestinationOf(byte[] packet) =>
        packet[0] >> 4 == 4 ? new IpAddress(Ipv4Address.Read(packet.AsSpan(16))) : new IpAddress(Ipv6Address.Read(packet.AsSpan(24)));

    // The interfaces of fixtures have MACs that begin so; a tag that no interface has is nobody's either.
    private static bool IsForDirector(ReceivedFrame received) =>
        received.IsFromStack || (received.Frame[4] == 0 && received.Frame[5] >= 0xE0 && FrameText.IpOffset(received.Frame) == 14);

    private static string? Difference(Outcome outcome, KernelFrame kernel)
    {
        byte[] ours = FrameText.Finished(outcome), theirs = Convert.FromHexString(kernel.Frame);
        if (outcome.Interface == kernel.Interface && FrameText.IsSame(ours, theirs)) return null;
        return $"sends\n    {outcome.Interface} {Describe(ours)}\n  but the kernel\n    {kernel.Interface} {Describe(theirs)}\n    {Convert.ToHexStringLower(ours)}\n    {kernel.Frame}";
    }

    private IEnumerable<string> CompareUnasked(KernelAnswer kernel)
    {
        foreach (KernelFrame frame in kernel.Unasked.Concat(kernel.Frames))
        {
            byte[] packet = FrameText.Ip(Convert.FromHexString(frame.Frame));
            int index = _awaiting.FindIndex(a => a.AsSpan().SequenceEqual(packet));
            if (index >= 0 && kernel.Unasked.Contains(frame)) _awaiting.RemoveAt(index);
            else if (kernel.Unasked.Contains(frame)) yield return $"the kernel sends unasked\n    {frame.Interface} {Describe(Convert.FromHexString(frame.Frame))}";
        }
    }

    private void Collect(PlayedStep step, KernelAnswer kernel)
    {
        _ourFragments.AddRange(step.Outcomes.Where(o => o.Keyword == "out").Select(o => (o.Interface, o.Frame)));
        _kernelFragments.AddRange(kernel.Frames.Select(f => (f.Interface, Convert.FromHexString(f.Frame))));
    }

    private IEnumerable<string> CompareFragments()
    {
        foreach ((string name, byte[] frame) in _ourFragments)
        {
            int index = _kernelFragments.FindIndex(k => k.Interface == name && FrameText.IsSame(frame, k.Frame));
            if (index >= 0) _kernelFragments.RemoveAt(index);
            else yield return $"among all fragments the kernel does not send\n    {name} {Describe(frame)}";
        }

        foreach ((string name, byte[] frame) in _kernelFragments) yield return $"among all fragments only the kernel sends\n    {name} {Describe(frame)}";
    }

    private static string Describe(byte[] frame) => PacketDescriber.Describe(frame);

    private static string DescribeIp(string packet) => PacketDescriber.DescribeIp(Convert.FromHexString(packet));
}
