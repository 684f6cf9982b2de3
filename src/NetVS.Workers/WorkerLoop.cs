using System.Collections.Concurrent;
using NetVS.Director;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Workers;

/// <summary>One thread that drives one worker of the director: receive, process, transmit; expire; wait.</summary>
/// <remarks>
/// <para>A pass: each link's batch is received and processed, what it caused is flushed, then the batch's room is given back; then frames
/// handed over by other workers, commands, timers, held frames. When a pass did nothing, the thread sleeps until a link has
/// frames, somebody wakes it, or something is due. The clock is read once a pass.</para>
/// <para>Threads: <see cref="Post"/>, <see cref="QueryAsync"/>, <see cref="Attach"/>, <see cref="Detach"/>, <see cref="AttachStack"/> and the counters
/// may be used from any; all else is the loop's own.</para>
/// </remarks>
public sealed partial class WorkerLoop : ILinkHost, IFrameHandler, IFrameSink, IDisposable
{
    private const int Budget = 64;
    private static readonly TimeSpan s_holdTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_maintenanceInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_timerInterval = TimeSpan.FromMilliseconds(1);

    // Nobody wakes the loop when a next hop is resolved or a transmit ring has drained: while there is something waiting for that, it looks.
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(1);

    private readonly DirectorWorker _worker;
    private readonly NextHopTable _nextHops;
    private readonly IPoller _poller;
    private readonly HandoverRing?[] _inbound;
    private readonly HandoverRing?[] _outbound;
    private readonly bool[] _handedTo;
    private readonly LinkTable _links = new();
    private readonly HeldFrames _held = new();
    private readonly ConcurrentQueue<Action> _commands = new();
    private IReadOnlyList<WorkerLoop> _peers = [];
    private ILink? _stack;
    private LinkTable.Slot[] _dirty = new LinkTable.Slot[8];
    private int _dirtyCount;
    private bool _isFromStack;
    private bool _hasLeftovers;
    private MonotonicTime _now;
    private MonotonicTime _nextTimer;
    private MonotonicTime _lastTimer;
    private MonotonicTime _nextMaintenance;
    private long _seenNextHops;
    private Thread? _thread;
    private int _isSleeping;
    private volatile bool _isStopping;

    internal WorkerLoop(DirectorWorker worker, NextHopTable nextHops, IPoller poller, HandoverRing?[] inbound, HandoverRing?[] outbound)
    {
        _worker = worker;
        _nextHops = nextHops;
        _poller = poller;
        _inbound = inbound;
        _outbound = outbound;
        _handedTo = new bool[outbound.Length];
        worker.Sink = this;
    }

    /// <inheritdoc/>
    public int Index => _worker.Index;

    /// <summary>Passes of the loop, for tests and status. Thread: any.</summary>
    public long Passes { get; private set; }

    /// <summary>Runs an action on the loop's thread, between batches. It must be short: packets wait. Thread: any.</summary>
    public void Post(Action<DirectorWorker> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _commands.Enqueue(() => action(_worker));
        WakeIfAsleep();
    }

    /// <summary>Asks something on the loop's thread. It must be short: packets wait. Thread: any.</summary>
    public Task<T> QueryAsync<T>(Func<DirectorWorker, T> question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(worker =>
        {
            try
            {
                answer.SetResult(question(worker));
            }
#pragma warning disable CA1031 // the exception is the asker's, whatever it is
            catch (Exception failure)
            {
                answer.SetException(failure);
            }
#pragma warning restore CA1031
        });
        return answer.Task;
    }

    /// <inheritdoc/>
    public void Attach(ILink link) => Do(() =>
    {
        _links.Add(link);
        _dirty = new LinkTable.Slot[_links.All.Length];
        _dirtyCount = 0;
        SetPolledLinks();
    });

    /// <inheritdoc/>
    public void Detach(ILink link) => Do(() =>
    {
        if (ReferenceEquals(_stack, link)) _stack = null;
        _links.Remove(link);
        SetPolledLinks();
        link.Dispose();
    });

    /// <inheritdoc/>
    public void AttachStack(ILink link) => Do(() =>
    {
        _stack = link;
        SetPolledLinks();
    });

    /// <summary>Closes the poller; the loop must have stopped.</summary>
    public void Dispose() => _poller.Dispose();

    /// <summary>Says who the other workers are, by index.</summary>
    internal void Meet(IReadOnlyList<WorkerLoop> peers) => _peers = peers;

    internal void Start()
    {
        _now = MonotonicClock.Now;
        _thread = new Thread(Run) { Name = $"netvs worker {Index}", IsBackground = true };
        _thread.Start();
    }

    internal void Stop()
    {
        _isStopping = true;
        _poller.Wake();
        _thread?.Join();
        _thread = null;
        RunCommands();
    }

    /// <summary>One pass; for the loop and for tests.</summary>
    /// <returns>Whether there was anything to do.</returns>
    internal bool RunOnce(MonotonicTime now)
    {
        _now = now;
        Passes++;
        _worker.DrainReports(now);
        bool isBusy = ReceiveFromLinks();
        isBusy |= ReceiveFromStack();
        isBusy |= ReceiveFromPeers();
        isBusy |= RunCommands();

        if (_held.Count > 0) LookAtHeld();
        if (now >= _nextTimer || (isBusy && now - _lastTimer >= s_timerInterval))
        {
            _lastTimer = now;
            _nextTimer = _worker.AdvanceTimers(now);
        }

        if (now >= _nextMaintenance) Maintain();
        Flush();
        WakePeers();
        return isBusy;
    }

    private bool RunCommands()
    {
        bool hasRun = false;
        while (_commands.TryDequeue(out Action? command))
        {
            command();
            hasRun = true;
        }

        return hasRun;
    }

    private void Run()
    {
        while (!_isStopping)
        {
            if (!RunOnce(MonotonicClock.Now)) Sleep();
        }
    }

    private void Sleep()
    {
        MonotonicTime until = _nextTimer < _nextMaintenance ? _nextTimer : _nextMaintenance;
        TimeSpan timeout = until - MonotonicClock.Now;
        if ((_hasLeftovers || _held.Count > 0) && timeout > s_retryInterval) timeout = s_retryInterval;
        if (timeout <= TimeSpan.Zero) return;

        // Partner: WakeIfAsleep. Whoever adds work after this barrier sees that we sleep; whatever was added before it, we see below.
        Volatile.Write(ref _isSleeping, 1);
        Interlocked.MemoryBarrier();
        if (!HasWork()) _poller.Wait(timeout);
        Volatile.Write(ref _isSleeping, 0);
    }

    private bool HasWork()
    {
        if (_isStopping || !_commands.IsEmpty) return true;
        foreach (HandoverRing? ring in _inbound)
            if (ring is { IsEmpty: false }) return true;
        return false;
    }

    private void WakeIfAsleep()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isSleeping) != 0) _poller.Wake();
    }

    private bool ReceiveFromLinks()
    {
        bool isBusy = false;
        LinkTable.Slot[] receiving = _links.Receiving;
        for (int i = 0; i < receiving.Length; i++)
        {
            ILink link = receiving[i].Link;
            if (link.Receive(this, Budget) == 0) continue;
            isBusy = true;
            Flush();
            link.Release();
        }

        return isBusy;
    }

    private bool ReceiveFromStack()
    {
        if (_stack is null) return false;
        _isFromStack = true;
        bool isBusy = _stack.Receive(this, Budget) > 0;
        _isFromStack = false;
        if (!isBusy) return false;
        Flush();
        _stack.Release();
        return true;
    }

    private bool ReceiveFromPeers()
    {
        bool isBusy = false;
        foreach (HandoverRing? ring in _inbound)
        {
            if (ring is null) continue;
            LinkFrame frame = default;
            int count = 0;
            while (count < Budget && ring.TryRead(ref frame))
            {
                count++;
                var packet = new Packet
                {
                    Buffer = frame.Buffer,
                    Offset = frame.Offset,
                    Length = frame.Length,
                    ReceiveInterface = frame.ReceiveInterface,
                    Mark = frame.Mark,
                    Offload = frame.Offload,
                };
                CarryOut(_worker.Process(ref packet, _now), ref packet, ref frame);
            }

            if (count == 0) continue;
            isBusy = true;
            Flush();
            ring.Release();
        }

        return isBusy;
    }

    private void Flush()
    {
        if (_dirtyCount == 0) return;
        int left = 0;
        for (int i = 0; i < _dirtyCount; i++)
        {
            LinkTable.Slot slot = _dirty[i];
            slot.IsDirty = !slot.Link.Flush();
            if (slot.IsDirty) _dirty[left++] = slot;
        }

        _dirtyCount = left;
        _hasLeftovers = left > 0;
    }

    private void Maintain()
    {
        _nextMaintenance = _now + s_maintenanceInterval;
        foreach (LinkTable.Slot slot in _links.All) slot.Link.Maintain();
    }

    private void SetPolledLinks()
    {
        List<ILink> links = [.. _links.Receiving.Select(s => s.Link)];
        if (_stack is not null) links.Add(_stack);
        _poller.SetLinks(links);
    }

    // Runs on the loop's thread and waits for it; where no loop runs (before the start, after the end), runs here.
    private void Do(Action action)
    {
        if (_thread is null || _thread == Thread.CurrentThread)
        {
            action();
            return;
        }

        using var done = new ManualResetEventSlim();
        Exception? failure = null;
        _commands.Enqueue(() =>
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // thrown again where the caller waits
            catch (Exception thrown)
            {
                failure = thrown;
            }
#pragma warning restore CA1031
            done.Set();
        });
        WakeIfAsleep();

        // A loop that ended between the question above and the command's arrival left it to us.
        while (!done.Wait(s_maintenanceInterval))
            if (_thread is null) RunCommands();
        if (failure is not null) throw new InvalidOperationException($"worker {Index}: {failure.Message}", failure);
    }
}
