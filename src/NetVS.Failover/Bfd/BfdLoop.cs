using System.Collections.Concurrent;
using NetVS.Bfd.Machine;
using NetVS.Bfd.Wire;
using NetVS.Linux;
using NetVS.Linux.Native;
using NetVS.Linux.Udp;
using NetVS.Packets;

namespace NetVS.Failover.Bfd;

/// <summary>All BFD sessions and the one thread they live on: it waits for packets, deadlines and orders.</summary>
/// <remarks>
/// Of a hostile flood at most <see cref="MostInARow"/> packets of a socket are taken before deadlines are looked at again. Other threads only post orders.
/// </remarks>
internal sealed class BfdLoop(Func<MonotonicTime> clock, Func<uint> random, Action<BfdPlan, BfdState> changed, Action<string> log) : IBfdEffects, IDisposable
{
    private const int MostInARow = 256;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);
    private readonly ConcurrentQueue<Action<MonotonicTime>> _orders = new();
    private readonly DescriptorPoller _poller = new("bfd");
    private readonly List<DatagramReceiver> _receivers = [];
    private readonly Dictionary<uint, RunningSession> _sessions = [];
    private readonly long[] _problems = new long[Enum.GetValues<BfdProblem>().Length];
    private readonly byte[] _buffer = new byte[512];
    private bool _isEnding;

    /// <summary>The sessions in the configuration's order.</summary>
    public IReadOnlyList<RunningSession> Sessions { get; private set; } = [];

    /// <summary>Packets that were not taken, by reason.</summary>
    public long Count(BfdProblem problem) => _problems[(int)problem];

    /// <summary>Has something done on the loop's thread. Any thread.</summary>
    public void Post(Action<MonotonicTime> order)
    {
        _orders.Enqueue(order);
        _poller.Wake();
    }

    /// <summary>Runs until <see cref="End"/>.</summary>
    public void Run()
    {
        while (!_isEnding)
        {
            _poller.Wait(FindDeadline() - clock());
            MonotonicTime now = clock();
            while (_orders.TryDequeue(out Action<MonotonicTime>? order)) order(now);
            foreach (DatagramReceiver receiver in _receivers)
                for (int i = 0; i < MostInARow && receiver.TryReceive(_buffer, out ReceivedDatagram datagram); i++) Receive(receiver, datagram, now);
            foreach (RunningSession running in Sessions) running.Session.Tick(now);
        }
    }

    /// <summary>Makes the sessions those of a plan: the same ones go on, with other numbers if they are others. Thread: the loop's.</summary>
    public void Apply(IReadOnlyList<BfdPlan> plans, MonotonicTime now)
    {
        foreach (RunningSession gone in Sessions.Where(s => plans.All(p => p.Identity != s.Plan.Identity)).ToArray()) Remove(gone, now);
        var sessions = new List<RunningSession>();
        foreach (BfdPlan plan in plans)
        {
            if (Sessions.FirstOrDefault(s => s.Plan.Identity == plan.Identity) is { } there)
            {
                if (there.Plan.Options != plan.Options) there.Change(plan, now);
                else there.Follow(plan);
                sessions.Add(there);
                continue;
            }

            var session = new RunningSession(plan, NewDiscriminator(), this);
            _sessions.Add(session.Session.Discriminator, session);
            sessions.Add(session);
            session.Session.Start(now);
        }

        Sessions = sessions;
        OpenReceivers();
        foreach (RunningSession session in sessions) changed(session.Plan, session.Session.State);
    }

    /// <summary>Tells every neighbour that its session is held down. Thread: the loop's.</summary>
    public void End(MonotonicTime now)
    {
        foreach (RunningSession session in Sessions.ToArray()) Remove(session, now);
        Sessions = [];
        _isEnding = true;
    }

    /// <inheritdoc/>
    public void Send(BfdSession session, in BfdPacket packet)
    {
        Span<byte> octets = stackalloc byte[BfdPacket.Size];
        packet.Write(octets);
        _sessions[session.Discriminator].Send(octets);
    }

    /// <inheritdoc/>
    public void Change(BfdSession session, BfdState former)
    {
        RunningSession running = _sessions[session.Discriminator];
        string why = session.State != BfdState.Down ? "" : session.Diagnostic switch
        {
            BfdDiagnostic.DetectionTimeExpired => ": nothing was heard for the detection time",
            BfdDiagnostic.NeighbourSignalledDown => $": the neighbour says that its session is down ({session.RemoteDiagnostic})",
            _ => "",
        };
        log($"bfd: BFD_Instance({session.Name}) Entering {session.State} state, neighbour {running.Plan.Neighbour}{why}");
        if (session.State != BfdState.AdminDown) changed(running.Plan, session.State);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DatagramReceiver receiver in _receivers) receiver.Dispose();

        // Another thread may be about to wake the loop still: the descriptor is left to the finalizer.
    }

    private MonotonicTime FindDeadline()
    {
        MonotonicTime first = clock() + s_longest;
        foreach (RunningSession running in Sessions)
            if (running.Session.Deadline < first) first = running.Session.Deadline;
        return first;
    }

    private void Receive(DatagramReceiver receiver, in ReceivedDatagram datagram, MonotonicTime now)
    {
        BfdProblem problem = BfdPacket.TryRead(datagram.Octets, out BfdPacket packet);
        RunningSession? found = null;
        if (problem == BfdProblem.None) problem = Find(receiver, in datagram, in packet, out found);
        _problems[(int)problem]++;
        if (problem == BfdProblem.None) found!.Session.Receive(in packet, now);
    }

    // By its number once the other end knows it, before that by where it comes from (RFC 5880 §6.3).
    private BfdProblem Find(DatagramReceiver receiver, in ReceivedDatagram datagram, in BfdPacket packet, out RunningSession? found)
    {
        found = null;
        if (packet.Yours != 0)
        {
            if (_sessions.TryGetValue(packet.Yours, out found) && found.Plan.Port == receiver.Port && found.Plan.Neighbour != datagram.Source) return BfdProblem.Source;
        }
        else
        {
            foreach (RunningSession s in Sessions)
            {
                if (s.Plan.Port != receiver.Port || s.Plan.Neighbour != datagram.Source) continue;
                if (s.Plan.Source.IsNone || s.Plan.Source == datagram.Destination) found = s;
            }
        }

        if (found is null || found.Plan.Port != receiver.Port) return BfdProblem.UnknownSession;
        return found.Plan.MaxHops >= 0 && found.Plan.Ttl - datagram.TimeToLive > found.Plan.MaxHops ? BfdProblem.Hops : BfdProblem.None;
    }

    private void OpenReceivers()
    {
        HashSet<(IpFamily, ushort)> wanted = [.. Sessions.Select(s => (s.Plan.Neighbour.Family, s.Plan.Port))];
        foreach (DatagramReceiver idle in _receivers.Where(r => !wanted.Contains((r.Family, r.Port))).ToArray())
        {
            idle.Dispose();
            _receivers.Remove(idle);
        }

        foreach ((IpFamily family, ushort port) in wanted)
        {
            if (_receivers.Exists(r => r.Family == family && r.Port == port)) continue;
            try
            {
                _receivers.Add(DatagramReceiver.Open(family, port));
            }
            catch (KernelCallException e)
            {
                log($"bfd: {e.Message}: its sessions stay down until a reload finds the port free");
            }
        }

        _poller.SetDescriptors([.. _receivers.Select(r => r.Descriptor)]);
    }

    private void Remove(RunningSession session, MonotonicTime now)
    {
        session.Session.Stop(now);
        _sessions.Remove(session.Session.Discriminator);
        session.Dispose();
    }

    private uint NewDiscriminator()
    {
        uint number;
        do number = random();
        while (number == 0 || _sessions.ContainsKey(number));
        return number;
    }
}
