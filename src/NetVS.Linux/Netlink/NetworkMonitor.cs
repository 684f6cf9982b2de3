using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Linux.Netlink;

/// <summary>Keeps a <see cref="NetworkState"/> as the kernel has it, and has next hops resolved that workers want.</summary>
/// <remarks>
/// <para>It belongs to the network namespace of the thread that calls <see cref="Start"/>. It owns one thread, which alone writes
/// to the state and calls the event handlers; a handler must not wait for that thread.</para>
/// <para>Neighbours are taken from the notifications themselves, for they are frequent and each is complete. Any other
/// notification only says that something changed: when the burst has rested, links, addresses and routes are read as a
/// whole and published if they differ. That costs a reading (about 10 ms for ten thousand routes), and needs no
/// knowledge of what the kernel leaves unsaid: it does not announce the routes that go with a link or an address. Readings take
/// at most a tenth of the time.</para>
/// <para>Limits: policy rules, other tables (VRF), routes for a TOS or a source prefix and encapsulating routes are not looked
/// at; <see cref="Warning"/> says so once where there are such rules.</para>
/// <para>Minimum kernel: 3.4; Linux's two IP families of rtnetlink.</para>
/// </remarks>
public sealed class NetworkMonitor : IDisposable
{
    private static readonly int[] s_groups =
    [
        Rtnetlink.RTNLGRP_LINK, Rtnetlink.RTNLGRP_NEIGH, Rtnetlink.RTNLGRP_IPV4_IFADDR, Rtnetlink.RTNLGRP_IPV6_IFADDR,
        Rtnetlink.RTNLGRP_IPV4_ROUTE, Rtnetlink.RTNLGRP_IPV6_ROUTE, Rtnetlink.RTNLGRP_IPV4_RULE, Rtnetlink.RTNLGRP_IPV6_RULE,
        Rtnetlink.RTNLGRP_NEXTHOP,
    ];

    private readonly NetworkMonitorOptions _options;
    private readonly HashSet<int> _removedLinks = [];
    private NetworkReading _reading = NetworkReading.Empty;
    private NetlinkSocket? _notifications;
    private NetlinkRequests? _requests;
    private NeighbourResolver? _resolver;
    private SafeFileHandle? _wake;
    private NetworkState? _state;
    private Thread? _thread;
    private volatile bool _isStopping;
    private bool _hasWarnedOfRules;
    private MonotonicTime _dirtySince = MonotonicTime.Never;
    private MonotonicTime _lastNotified;
    private MonotonicTime _nextReading;
    private int _resynchronizations;

    /// <summary>A monitor that does nothing yet.</summary>
    public NetworkMonitor(NetworkMonitorOptions? options = null) => _options = options ?? new NetworkMonitorOptions();

    /// <summary>An interface appeared, disappeared or changed; the state has it already. Thread: the monitor's.</summary>
    public event Action<InterfaceChange>? InterfaceChanged;

    /// <summary>Links, addresses or routes changed; the state has it already. Thread: the monitor's.</summary>
    public event Action? NetworkChanged;

    /// <summary>Something an operator should know, as a sentence. Thread: the monitor's, or the starter's.</summary>
    public event Action<string>? Warning;

    /// <summary>How often notifications were lost and everything was read afresh.</summary>
    public int Resynchronizations => Volatile.Read(ref _resynchronizations);

    /// <summary>Reads everything into the state, then follows changes until disposed. When it returns, the state is complete.</summary>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public void Start(NetworkState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (_state is not null) throw new InvalidOperationException("the monitor has been started");
        _state = state;
        _notifications = new NetlinkSocket(isNonBlocking: true);
        _notifications.SetReceiveBuffer(_options.ReceiveBuffer);
        foreach (int group in s_groups)
        {
            // Groups come with features: a kernel without nexthop objects or policy rules has nothing to announce there.
            if (!_notifications.Join(group) && group <= Rtnetlink.RTNLGRP_IPV4_ROUTE)
                throw new KernelCallException("setsockopt(NETLINK_ADD_MEMBERSHIP)", Marshal.GetLastPInvokeError(), $"group {group}");
        }

        _requests = new NetlinkRequests();
        _resolver = new NeighbourResolver(state.NextHops);
        int wake = NetlinkNative.eventfd(0, NetlinkNative.EFD_CLOEXEC | NetlinkNative.EFD_NONBLOCK);
        if (wake < 0) throw new KernelCallException("eventfd", Marshal.GetLastPInvokeError(), "");
        _wake = new SafeFileHandle(wake, ownsHandle: true);

        // The groups are joined before the first reading: what changes in between is announced and read again.
        ReadNeighbours();
        ReadNetwork();
        state.NextHops.OnRequest = Wake;
        _thread = new Thread(Run) { IsBackground = true, Name = "network" };
        _thread.Start();
    }

    /// <summary>Stops following; the state stays as it is.</summary>
    public void Dispose()
    {
        if (_thread is { } thread)
        {
            _isStopping = true;
            Wake();
            if (thread != Thread.CurrentThread) thread.Join();
            _state!.NextHops.OnRequest = null;
            _thread = null;
        }

        _notifications?.Dispose();
        _requests?.Dispose();
        _resolver?.Dispose();

        // A worker may be about to wake us still: the descriptor is left to the finalizer.
    }

    private void Wake()
    {
        if (_wake is { } wake) NetlinkNative.write(wake, 1, sizeof(ulong));
    }

    private void Run()
    {
        Span<NetlinkNative.PollDescriptor> descriptors = stackalloc NetlinkNative.PollDescriptor[3];
        descriptors[0] = Watch(_notifications!.Handle);
        descriptors[1] = Watch(_wake!);
        descriptors[2] = Watch(_resolver!.Handle);
        MonotonicTime nextMaintenance = _options.Clock() + NeighbourResolver.Interval;
        while (!_isStopping)
        {
            MonotonicTime now = _options.Clock();
            MonotonicTime next = Earlier(nextMaintenance, NextReading());
            int milliseconds = (int)Math.Clamp((next - now).TotalMilliseconds + 1, 0, 1000);
            NetlinkNative.poll(descriptors, (ulong)descriptors.Length, milliseconds);
            if (_isStopping) return;
            now = _options.Clock();
            try
            {
                NetlinkNative.read(_wake!, out _, sizeof(ulong));
                ReadNotifications(now);
                _resolver.ResolveRequested(now);
                if (now >= NextReading()) ReadNetwork();
                if (now < nextMaintenance) continue;
                nextMaintenance = now + NeighbourResolver.Interval;
                _state!.Tick(now);
                _resolver.Maintain(now);
                if (_resolver.TakeProblem() is { } problem) Warning?.Invoke(problem);
            }
            catch (KernelCallException refused)
            {
                Warning?.Invoke($"the network is not followed for a second: {refused.Message}");
                _dirtySince = now;
                _nextReading = now + TimeSpan.FromSeconds(1);
            }
        }
    }

    private MonotonicTime NextReading()
    {
        if (_dirtySince == MonotonicTime.Never) return MonotonicTime.Never;
        MonotonicTime due = Earlier(_lastNotified + _options.Quiet, _dirtySince + _options.Patience);
        return due < _nextReading ? _nextReading : due;
    }

    private void ReadNotifications(MonotonicTime now)
    {
        while (true)
        {
            switch (_notifications!.Receive(out ReadOnlySpan<byte> octets))
            {
                case NetlinkSocket.ReceiveResult.Nothing:
                    return;
                case NetlinkSocket.ReceiveResult.Overrun:
                    Interlocked.Increment(ref _resynchronizations);
                    MarkDirty(now);
                    DiscardNotifications();
                    ReadNeighbours();
                    break;
                default:
                    var reader = new NetlinkReader(octets);
                    while (reader.TryRead(out NetlinkMessage message)) Handle(message, now);
                    break;
            }
        }
    }

    // After an overrun what still waits is older than the reading that follows.
    private void DiscardNotifications()
    {
        while (_notifications!.Receive(out ReadOnlySpan<byte> octets) != NetlinkSocket.ReceiveResult.Nothing)
        {
            var reader = new NetlinkReader(octets);
            while (reader.TryRead(out NetlinkMessage message)) NoteRemovedLink(message);
        }
    }

    private void Handle(in NetlinkMessage message, MonotonicTime now)
    {
        switch (message.Type)
        {
            case Rtnetlink.RTM_NEWNEIGH or Rtnetlink.RTM_DELNEIGH:
                if (NetworkMessages.TryReadNeighbour(message.Payload, out KernelNeighbour neighbour))
                    _resolver!.Note(neighbour, isGone: message.Type == Rtnetlink.RTM_DELNEIGH);
                break;
            case Rtnetlink.NLMSG_OVERRUN:
                MarkDirty(now);
                break;
            default:
                NoteRemovedLink(message);
                MarkDirty(now);
                break;
        }
    }

    private void NoteRemovedLink(in NetlinkMessage message)
    {
        if (message.Type != Rtnetlink.RTM_DELLINK || message.Payload.Length < 1) return;

        // Bridges announce a port that leaves in the same words, with their own family.
        if (message.Payload[0] == Rtnetlink.AF_UNSPEC && NetworkMessages.TryReadLink(message.Payload, out NetworkInterface? gone))
            _removedLinks.Add(gone!.Index);
    }

    private void MarkDirty(MonotonicTime now)
    {
        if (_dirtySince == MonotonicTime.Never) _dirtySince = now;
        _lastNotified = now;
    }

    private void ReadNeighbours() => _resolver!.Replace(NetworkReading.ReadNeighbours(_requests!));

    private void ReadNetwork()
    {
        MonotonicTime started = _options.Clock();
        _dirtySince = MonotonicTime.Never;
        NetworkReading before = _reading;
        NetworkReading now = NetworkReading.Read(_requests!);
        WarnOfRules(now);
        int[] removed = [.. _removedLinks];
        _removedLinks.Clear();
        if (removed.Length > 0 || !now.IsSameAs(before))
        {
            _reading = now;
            _state!.Publish(now.ToBuilder());
            Announce(before, now, removed);
        }

        MonotonicTime ended = _options.Clock();
        _nextReading = ended + ((ended - started) * 9);
    }

    private void WarnOfRules(NetworkReading reading)
    {
        if (!reading.HasPolicyRules || _hasWarnedOfRules) return;
        _hasWarnedOfRules = true;
        Warning?.Invoke("this host has policy routing rules: NetVS follows only the tables local, main and default, in this order");
    }

    private void Announce(NetworkReading before, NetworkReading now, int[] removed)
    {
        NetworkChanged?.Invoke();
        if (InterfaceChanged is not { } changed) return;
        Dictionary<int, NetworkInterface> after = now.Interfaces.ToDictionary(i => i.Index);
        var known = new HashSet<int>();
        foreach (NetworkInterface was in before.Interfaces)
        {
            known.Add(was.Index);
            NetworkInterface? isNow = after.GetValueOrDefault(was.Index);
            if (isNow is not null && removed.Contains(was.Index))
            {
                changed(new InterfaceChange(was, null));
                changed(new InterfaceChange(null, isNow));
            }
            else if (isNow != was)
            {
                changed(new InterfaceChange(was, isNow));
            }
        }

        foreach (NetworkInterface isNew in now.Interfaces)
            if (!known.Contains(isNew.Index)) changed(new InterfaceChange(null, isNew));
    }

    private static MonotonicTime Earlier(MonotonicTime a, MonotonicTime b) => a < b ? a : b;

    private static NetlinkNative.PollDescriptor Watch(SafeFileHandle handle) =>
        new() { Descriptor = (int)handle.DangerousGetHandle(), Events = NetlinkNative.POLLIN };
}
