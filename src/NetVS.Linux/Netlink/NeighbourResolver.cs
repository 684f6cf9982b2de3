using Microsoft.Win32.SafeHandles;
using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Linux.Netlink;

/// <summary>Has the kernel resolve the next hops workers want, and keeps those in use fresh.</summary>
/// <remarks>
/// The kernel does the ARP and neighbour discovery; NetVS forwards past it, so the kernel must be told that an entry is
/// used, or it would neither look for a new neighbour nor notice a dead one. "Use" (NTF_USE, what <c>ip neigh … use</c> sends) makes it solicit
/// an unknown or failed neighbour, and probe a stale one after five seconds without confirmation; on a reachable one it does
/// nothing. Thread: the monitor's.
/// </remarks>
internal sealed class NeighbourResolver : IDisposable
{
    /// <summary>How often <see cref="Maintain"/> is called, and so how often an entry in use is touched at most.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A next hop counts as wanted this long after the last packet or request for it.
    private static readonly TimeSpan s_wantedFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_usedFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(8);

    // Of a director with very many neighbours a part is touched each second, the others in the next ones.
    private const int MostTouches = 2048;

    private readonly NextHopTable _table;
    private readonly NetlinkSocket _socket = new(isNonBlocking: true);
    private readonly NetlinkWriter _writer = new();
    private readonly Dictionary<(int Interface, IpAddress Address), KernelNeighbour> _known = [];
    private readonly Dictionary<int, Attempt> _wanted = [];
    private readonly List<int> _ids = [];
    private readonly List<(int Id, MonotonicTime LastUsed)> _used = [];
    private int _rotation;
    private string? _problem;
    private string? _lastProblem;

    public NeighbourResolver(NextHopTable table) => _table = table;

    /// <summary>A next hop that is wanted: since when asked, when to ask again.</summary>
    private sealed class Attempt
    {
        public MonotonicTime WantedAt;
        public MonotonicTime NextAt;
        public TimeSpan Pause = s_firstRetry;
    }

    /// <summary>Readable when the kernel refused something.</summary>
    public SafeFileHandle Handle => _socket.Handle;

    /// <summary>Takes in what the kernel says of one neighbour.</summary>
    public void Note(in KernelNeighbour neighbour, bool isGone)
    {
        if (isGone) _known.Remove((neighbour.Interface, neighbour.Address));
        else _known[(neighbour.Interface, neighbour.Address)] = neighbour;
        NextHopState state = isGone ? NextHopState.Unresolved : neighbour.NextHopState;
        _table.SetNeighbour(neighbour.Interface, neighbour.Address, state, neighbour.Mac);
    }

    /// <summary>Takes in a whole reading.</summary>
    public void Replace(List<KernelNeighbour> neighbours)
    {
        _known.Clear();
        foreach (KernelNeighbour neighbour in neighbours) _known[(neighbour.Interface, neighbour.Address)] = neighbour;
        _table.ReplaceNeighbours(_known.ToDictionary(n => n.Key, n => (n.Value.NextHopState, n.Value.Mac)));
    }

    /// <summary>Has resolved what workers asked for since the last call.</summary>
    public void ResolveRequested(MonotonicTime now)
    {
        DrainErrors();
        _ids.Clear();
        _table.DrainRequests(_ids);
        if (_ids.Count == 0) return;
        _writer.Clear();
        foreach (int id in _ids)
        {
            Attempt attempt = Want(id, now);
            if (now >= attempt.NextAt) Ask(id, attempt, now);
        }

        Flush();
    }

    /// <summary>Once a second: asks again for what is wanted and not there, and touches what is used.</summary>
    public void Maintain(MonotonicTime now)
    {
        _writer.Clear();
        _used.Clear();
        MonotonicTime since = now.Nanoseconds > s_usedFor.Ticks * 100 ? new MonotonicTime(now.Nanoseconds - (s_usedFor.Ticks * 100)) : MonotonicTime.Zero;
        _table.CopyUsed(since, _used);
        int touches = 0;
        int begin = _used.Count > MostTouches ? _rotation % _used.Count : 0;
        for (int i = 0; i < _used.Count; i++)
        {
            int id = _used[(begin + i) % _used.Count].Id;
            NextHopState state = _table.Read(id).State;
            if (state != NextHopState.Reachable) Want(id, now);
            else if (touches < MostTouches && !IsStatic(id) && ++touches > 0) WriteUse(id);
        }

        _rotation += MostTouches;
        WantFailedGateways(now);
        AskAgain(now);
        Flush();
    }

    /// <summary>What went wrong since the last call, when it is new; null else.</summary>
    public string? TakeProblem()
    {
        DrainErrors();
        string? problem = _problem == _lastProblem ? null : _problem;
        _lastProblem = _problem ?? _lastProblem;
        _problem = null;
        return problem;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    // No packet goes to a failed gateway while the route has others, so none would ask for it: it must be found alive again.
    private void WantFailedGateways(MonotonicTime now)
    {
        _ids.Clear();
        _table.CopyPinned(_ids);
        foreach (int id in _ids)
            if (_table.Read(id).State == NextHopState.Failed) Want(id, now);
    }

    private void AskAgain(MonotonicTime now)
    {
        _ids.Clear();
        foreach ((int id, Attempt attempt) in _wanted)
        {
            if (_table.Read(id).State == NextHopState.Reachable || now - attempt.WantedAt > s_wantedFor) _ids.Add(id);
            else if (now >= attempt.NextAt) Ask(id, attempt, now);
        }

        foreach (int id in _ids) _wanted.Remove(id);
    }

    private Attempt Want(int id, MonotonicTime now)
    {
        if (!_wanted.TryGetValue(id, out Attempt? attempt)) _wanted.Add(id, attempt = new Attempt { NextAt = now });
        attempt.WantedAt = now;
        return attempt;
    }

    private void Ask(int id, Attempt attempt, MonotonicTime now)
    {
        WriteUse(id);
        attempt.NextAt = now + attempt.Pause;
        attempt.Pause = attempt.Pause * 2 < s_lastRetry ? attempt.Pause * 2 : s_lastRetry;
    }

    private bool IsStatic(int id) => _known.TryGetValue(_table.Describe(id), out KernelNeighbour neighbour) && neighbour.IsStatic;

    private void WriteUse(int id)
    {
        (int networkInterface, IpAddress address) = _table.Describe(id);
        if (networkInterface == 0 || address.IsNone) return;
        byte family = address.Family == IpFamily.V4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6;
        _writer.Begin(Rtnetlink.RTM_NEWNEIGH, Rtnetlink.NLM_F_CREATE, _socket.NextSequence())
            .U8(family).U8(0).U16(0).U32((uint)networkInterface).U16(0).U8(Rtnetlink.NTF_USE).U8(0)
            .Attribute(Rtnetlink.NDA_DST, address)
            .End();
        if (_writer.Length >= 16 * 1024) Flush();
    }

    private void Flush()
    {
        if (_writer.Length > 0 && !_socket.TrySend(_writer.Octets, out int errno))
            _problem = $"asking the kernel for neighbours failed: {Errno.NameOf(errno)}";
        _writer.Clear();
    }

    private void DrainErrors()
    {
        while (true)
        {
            NetlinkSocket.ReceiveResult result = _socket.Receive(out ReadOnlySpan<byte> octets);
            if (result == NetlinkSocket.ReceiveResult.Nothing) return;
            var reader = new NetlinkReader(octets);
            while (reader.TryRead(out NetlinkMessage message))
            {
                int errno = message.Type == Rtnetlink.NLMSG_ERROR ? NetlinkRequests.ErrorOf(message) : 0;

                // An interface that has just gone away is no news here.
                if (errno == Errno.ENOBUFS)
                    _problem = "the kernel's neighbour table is full: raise net.ipv4.neigh.default.gc_thresh3 (and the ipv6 one)";
                else if (errno is not (0 or Errno.ENODEV or Errno.ENETDOWN or Errno.ENXIO))
                    _problem = $"the kernel refuses to look for a neighbour: {Errno.NameOf(errno)}";
            }
        }
    }
}
