using NetVS.Control.Status;
using NetVS.Failover.Plan;
using NetVS.Failover.Trackers;
using NetVS.Keepalived.Model;
using NetVS.Linux;
using NetVS.Linux.Vrrp;
using NetVS.Packets;
using NetVS.Scripts;

namespace NetVS.Failover.Running;

/// <summary>VRRP on this host: instances, trackers, scripts, pipes. Nothing runs until there is a plan that wants something.</summary>
/// <remarks>Threads: <see cref="Apply"/>, <see cref="Begin"/> and <see cref="End"/> come one after the other; <see cref="ReadStatus"/> at any time.</remarks>
public sealed class FailoverService(FailoverOptions options)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly List<ITracker> _trackers = [];
    private readonly Dictionary<string, bool> _bfd = [];
    private FailoverPlan _plan = FailoverPlan.Empty;
    private bool _hasBegun;
    private VrrpLoop? _loop;
    private Thread? _thread;

    /// <summary>For tests: the loop while it runs.</summary>
    internal VrrpLoop? Loop => _loop;

    /// <summary>Takes a plan: the first one, before <see cref="Begin"/>, is put in force then; any other at once.</summary>
    public void Apply(FailoverPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        if (_hasBegun) PutInForce();
    }

    /// <summary>Starts the instances.</summary>
    public void Begin()
    {
        _hasBegun = true;
        PutInForce();
    }

    /// <summary>Resigns everywhere, tells the scripts, and leaves nothing behind.</summary>
    public void End()
    {
        _hasBegun = false;
        StopTrackers(_ => false);
        if (_loop is not { } loop || _thread is not { } thread) return;
        loop.Post(loop.End);
        thread.Join();
        lock (_gate) _loop = null;
        _thread = null;
    }

    /// <summary>The instances as they are, for people; empty where there are none, or no answer comes.</summary>
    public IReadOnlyList<InstanceStatus> ReadStatus() => Ask<IReadOnlyList<InstanceStatus>>(
        static (loop, now) => [.. loop.Instances.Select(i => StatusText.Of(i, now)), .. StatusText.OfLoop(loop)]) ?? [];

    /// <summary>The instances as they are, for programs; empty where there are none, or no answer comes.</summary>
    public VrrpStatus ReadVrrp() => Ask(InstanceReport.Of) ?? VrrpStatus.Empty;

    /// <summary>Finds what another program has taken away of addresses, routes and rules, and puts it back if it is to be.</summary>
    /// <returns>A line for each.</returns>
    public IReadOnlyList<string> Reconcile(bool isApplied)
    {
        MonotonicTime since = options.Clock();
        try
        {
            // On this thread: on a host with very many routes it takes longer than an advert may be late.
            IReadOnlySet<RouteKey> there = OwnRoutes.Read();
            return Ask<IReadOnlyList<string>>((loop, _) => loop.Reconcile(there, since, isApplied)) ?? [];
        }
        catch (KernelCallException e)
        {
            options.Log($"vrrp: what is in place cannot be read: {e.Message}");
            return [];
        }
    }

    /// <summary>Has the loop's thread call an action, to see that it lives; where there is none, the caller does. Any thread.</summary>
    public void Answer(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        VrrpLoop? loop;
        lock (_gate) loop = _loop;
        if (loop is null) action();
        else loop.Post(_ => action());
    }

    /// <summary>Takes the state of a BFD session; what comes before there is an instance is kept. Any thread.</summary>
    public void NoteBfd(string name, bool isUp)
    {
        VrrpLoop? loop;
        lock (_gate)
        {
            _bfd[name] = isUp;
            loop = _loop;
        }

        loop?.Post(now => loop.Note(TrackerKey.OfBfd(name), isUp ? 1 : 0, now));
    }

    private T? Ask<T>(Func<VrrpLoop, MonotonicTime, T> read)
        where T : class
    {
        VrrpLoop? loop;
        lock (_gate) loop = _loop;
        if (loop is null) return null;
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(now => answer.TrySetResult(read(loop, now)));
        return answer.Task.Wait(s_patience) ? answer.Task.Result : null;
    }

    private void PutInForce()
    {
        if (_loop is null && _plan.IsEmpty) return;
        if (_loop is null) StartLoop();
        VrrpLoop loop = _loop!;
        FailoverPlan plan = _plan;
        List<ITracker> wanted = [.. MakeTrackers(plan)];
        StopTrackers(t => wanted.Exists(w => w.Key == t.Key && w.Definition.Equals(t.Definition)));
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(now =>
        {
            try
            {
                loop.Apply(plan, now);
            }
            catch (KernelCallException e)
            {
                options.Log($"vrrp: {e.Message}");
            }

            done.TrySetResult();
        });
        done.Task.Wait(s_patience);
        foreach (ITracker tracker in wanted.Where(w => _trackers.TrueForAll(t => t.Key != w.Key)))
        {
            _trackers.Add(tracker);
            tracker.Start((key, result) => loop.Post(now => loop.Note(key, result, now)));
        }
    }

    // The thread opens the sockets: they are of the network namespace it inherits from the one that starts it.
    private void StartLoop()
    {
        var ready = new TaskCompletionSource<VrrpLoop>(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread = new Thread(() =>
        {
            VrrpLoop? loop = null;
            try
            {
                loop = new VrrpLoop(options);
            }
            catch (KernelCallException e)
            {
                ready.SetException(e);
                return;
            }

            ready.SetResult(loop);
            loop.Run();
            loop.Dispose();
        }) { IsBackground = true, Name = "vrrp", Priority = ThreadPriority.Highest };
        _thread.Start();
        VrrpLoop made = ready.Task.GetAwaiter().GetResult();
        lock (_gate)
        {
            _loop = made;
            foreach ((string name, bool isUp) in _bfd) made.Post(now => made.Note(TrackerKey.OfBfd(name), isUp ? 1 : 0, now));
        }
    }

    private IEnumerable<ITracker> MakeTrackers(FailoverPlan plan)
    {
        foreach (VrrpScript script in plan.Scripts)
        {
            ScriptCommand command = (script.Script ?? new ScriptCommand()) with { User = script.User ?? script.Script?.User, Group = script.User is null ? script.Script?.Group : script.Group };
            string? refusal = plan.ScriptPolicy.FindRefusal(command);
            if (refusal is not null) options.Log($"the script {command.Program} is not run: {refusal}");
            yield return refusal is null ? new ScriptTracker(script, command, plan.ScriptPolicy, options.Log) : new DisabledTracker(new TrackerKey("script", script.Name));
        }

        foreach (TrackFile file in plan.Files) yield return new FileTracker(file, options.Log);
        foreach (TrackProcess process in plan.Processes) yield return new ProcessTracker(process);
    }

    private void StopTrackers(Predicate<ITracker> isKept)
    {
        foreach (ITracker tracker in _trackers.Where(t => !isKept(t)).ToArray())
        {
            _trackers.Remove(tracker);
            tracker.DisposeAsync().AsTask().Wait(s_patience);
            TrackerKey key = tracker.Key;
            if (_loop is { } loop) loop.Post(_ => loop.Forget(key));
        }
    }
}
