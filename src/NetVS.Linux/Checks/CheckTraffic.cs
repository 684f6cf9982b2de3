using NetVS.Director.Network;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;

namespace NetVS.Linux.Checks;

/// <summary>Health checks that go the way of the users' packets: programs at tc of every Ethernet interface, as long as there are such checks.</summary>
/// <remarks>
/// <para>A check's socket connects to the real server's own address with the mark of its path; what happens to its packets is in bpf/check.bpf.c.</para>
/// <para>Thread: any; one lock. The programs belong to the network namespace of the threads that call <see cref="Follow"/> and <see cref="Set"/>.</para>
/// <para>Minimum kernel: 5.2.</para>
/// </remarks>
public sealed class CheckTraffic : IDisposable
{
    // After the diversion's own filters, so that packets of virtual services never pass these.
    private const ushort Preference = 0x6E77;

    private const string Nobody = "no check goes the users' way";

    private readonly Lock _lock = new();
    private readonly bool _allowTcx;
    private readonly Action<string> _report;
    private readonly Dictionary<int, (TcAttachment In, TcAttachment Out)> _attachments = [];
    private IReadOnlyList<NetworkInterface> _present = [];
    private CheckPrograms? _programs;
    private string _problem = Nobody;
    private bool _isWanted;
    private bool _isDisposed;

    internal CheckTraffic(bool allowTcx, Action<string> report)
    {
        _allowTcx = allowTcx;
        _report = report;
    }

    /// <summary>Makes these the paths of checks, in place of those before. What goes wrong is reported, and is the answer of <see cref="TryFindMark"/>.</summary>
    public void Set(IReadOnlyCollection<CheckPath> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        lock (_lock)
        {
            if (_isDisposed || (paths.Count == 0 && _programs is null)) return;
            try
            {
                _programs ??= CheckPrograms.Load();
                if (_programs.Set(paths) is > 0 and int left) _report($"checks: {left} more paths than there can be: those checks say nothing of their servers");
                _isWanted = paths.Count > 0;
                if (_isWanted) Attach();
                else Detach();
            }
            catch (KernelCallException refused)
            {
                Refuse(refused);
            }
        }
    }

    /// <summary>The mark for the packets of a check.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mark">The mark; 0 if it cannot go.</param>
    /// <param name="problem">Why it cannot go; empty if it can.</param>
    public bool TryFindMark(in CheckPath path, out uint mark, out string problem)
    {
        lock (_lock)
        {
            mark = _problem.Length == 0 ? _programs?.FindMark(path) ?? 0 : 0;
            problem = mark != 0 ? "" : _problem.Length > 0 ? _problem : "there are too many such checks";
            return mark != 0;
        }
    }

    /// <summary>Takes the Ethernet interfaces that are up now, without VLAN devices.</summary>
    internal void Follow(IReadOnlyList<NetworkInterface> present)
    {
        lock (_lock)
        {
            _present = present;
            if (_isDisposed || !_isWanted) return;
            try
            {
                Attach();
            }
            catch (KernelCallException refused)
            {
                Refuse(refused);
            }
        }
    }

    /// <summary>Detaches and unloads everything.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _isWanted = false;
            Detach();
            _programs?.Dispose();
            _programs = null;
        }
    }

    private void Attach()
    {
        foreach (int gone in _attachments.Keys.Except(_present.Select(i => i.Index)).ToArray()) Detach(gone);
        foreach (NetworkInterface device in _present.Where(i => !_attachments.ContainsKey(i.Index)))
        {
            var inward = TcAttachment.Attach(_programs!.In, device.Index, device.Name, TcDirection.Ingress, _allowTcx, preference: Preference);
            try
            {
                _attachments.Add(device.Index, (inward, TcAttachment.Attach(_programs.Out, device.Index, device.Name, TcDirection.Egress, _allowTcx, preference: Preference)));
            }
            catch (KernelCallException)
            {
                inward.Dispose();
                throw;
            }
        }

        _problem = "";
    }

    private void Detach()
    {
        foreach (int index in _attachments.Keys.ToArray()) Detach(index);
        _problem = Nobody;
    }

    private void Detach(int index)
    {
        if (!_attachments.Remove(index, out (TcAttachment In, TcAttachment Out) attachment)) return;
        attachment.Out.Dispose();
        attachment.In.Dispose();
    }

    private void Refuse(KernelCallException refused)
    {
        string problem = $"the users' way is not there: {refused.Message}";
        if (problem != _problem) _report($"checks: {problem}");
        _problem = problem;
    }
}
