using NetVS.Failover.Notify;
using NetVS.Failover.Plan;
using NetVS.Linux.Vrrp;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Wire;

namespace NetVS.Failover.Running;

/// <summary>Carries out what the state machines decide. Adverts allocate nothing. Thread: the loop's.</summary>
internal sealed class RouterEffects(Func<MonotonicTime> clock, PacketSender sender, HostAddresses host, Notifier notifier, Action<string> log) : IVirtualRouterEffects
{
    private readonly Dictionary<VirtualRouter, RunningInstance> _instances = [];
    private readonly byte[] _frame = new byte[EthernetHeader.Size + AdvertWriter.MostOctets];
    private readonly EventLog _events = new(log);

    /// <summary>The group's scripts, by its name.</summary>
    public Dictionary<string, NetVS.Keepalived.Model.SyncGroup> Groups { get; } = [];

    /// <summary>Between two gratuitous ARP packets on an interface.</summary>
    public TimeSpan GarpInterval { get; set; }

    /// <summary>Between two neighbour advertisements.</summary>
    public TimeSpan NeighbourInterval { get; set; }

    /// <summary>When the pacing lets something be sent next.</summary>
    public MonotonicTime Deadline { get; private set; } = MonotonicTime.Never;

    /// <summary>Adverts that the kernel did not take.</summary>
    public long SendFailures { get; private set; }

    /// <summary>Knows an instance.</summary>
    public void Add(RunningInstance instance) => _instances[instance.Router] = instance;

    /// <summary>Forgets one.</summary>
    public void Remove(RunningInstance instance)
    {
        _instances.Remove(instance.Router);
        _events.Forget(instance.Router);
    }

    /// <inheritdoc/>
    public void SendAdvert(VirtualRouter router, byte priority)
    {
        RunningInstance instance = _instances[router];
        VirtualRouterOptions options = router.Options;
        if (instance.AdvertIndex == 0 && options.Family == IpFamily.V4 && !options.IsUnicast) return;
        if (!options.IsUnicast)
        {
            AddressAnnouncement.WriteMulticastHeader(_frame, options.Group, instance.AdvertMac);
            int length = AdvertWriter.Write(_frame.AsSpan(EthernetHeader.Size), options, router.NextAdvert(options.Group, priority));
            Note(sender.SendFrame(instance.AdvertIndex, _frame.AsSpan(0, EthernetHeader.Size + length)));
            return;
        }

        for (int i = 0; i < options.Peers.Count; i++)
        {
            IpAddress peer = options.Peers[i].Address;
            int length = AdvertWriter.Write(_frame, options, router.NextAdvert(peer, priority));
            Note(sender.SendPacket(peer, instance.BaseIndex, _frame.AsSpan(0, length)));
        }
    }

    /// <inheritdoc/>
    public void TakeAddresses(VirtualRouter router) => host.Take(_instances[router]);

    /// <inheritdoc/>
    public void ReleaseAddresses(VirtualRouter router) => host.Release(_instances[router]);

    /// <inheritdoc/>
    public void Announce(VirtualRouter router, int rounds)
    {
        RunningInstance instance = _instances[router];
        instance.RoundsLeft = Math.Max(instance.RoundsLeft, rounds);
        instance.RoundAt = 0;
        Pump(instance, clock());
    }

    /// <inheritdoc/>
    public void StopAnnouncing(VirtualRouter router) => _instances[router].RoundsLeft = 0;

    /// <inheritdoc/>
    public void AnnounceSource(VirtualRouter router)
    {
        RunningInstance instance = _instances[router];
        if (instance.IsEthernet && instance.BaseIndex != 0) Announce(router.Source, instance.BaseIndex, instance.BaseMac);
    }

    /// <summary>Sends what is due of paced announcements.</summary>
    public void Pump(MonotonicTime now)
    {
        if (now < Deadline) return;
        Deadline = MonotonicTime.Never;
        foreach (RunningInstance instance in _instances.Values) Pump(instance, now);
    }

    /// <inheritdoc/>
    public void Notify(VirtualRouter router, Notification notification) => notifier.Notify(_instances[router].Plan, router.EffectivePriority, notification);

    /// <inheritdoc/>
    public void Notify(SyncGroup group, Notification notification)
    {
        if (notification == Notification.Master) log($"vrrp: VRRP_Group({group.Name}) Syncing instances to MASTER state");
        else log($"vrrp: VRRP_Group({group.Name}) Syncing instances to {notification.ToString().ToUpperInvariant()} state");
        if (Groups.TryGetValue(group.Name, out NetVS.Keepalived.Model.SyncGroup? plan)) notifier.Notify(plan, notification);
    }

    /// <inheritdoc/>
    public void NotifyPriority(VirtualRouter router) => notifier.NotifyPriority(_instances[router].Plan, router.State, router.EffectivePriority);

    /// <inheritdoc/>
    public void Report(VirtualRouter router, VirtualRouterEvent what, IpAddress other, int number) => _events.Say(router, what, other, number, clock());

    private void Note(int errno)
    {
        if (errno != 0) SendFailures++;
    }

    private void Pump(RunningInstance instance, MonotonicTime now)
    {
        while (instance.RoundsLeft > 0)
        {
            if (now < instance.RoundsResumeAt)
            {
                if (instance.RoundsResumeAt < Deadline) Deadline = instance.RoundsResumeAt;
                return;
            }

            if (instance.RoundAt >= instance.Placed.Count)
            {
                instance.RoundAt = 0;
                instance.RoundsLeft--;
                if (instance.Placed.Count == 0) instance.RoundsLeft = 0;
                continue;
            }

            AddressRequest placed = instance.Placed[instance.RoundAt++];
            if (host.MacOf(placed.InterfaceIndex) is not { } mac) continue;
            Announce(placed.Address, placed.InterfaceIndex, mac);
            TimeSpan pace = placed.Address.Family == IpFamily.V6 ? NeighbourInterval : GarpInterval;
            if (pace > TimeSpan.Zero) instance.RoundsResumeAt = now + pace;
        }
    }

    private void Announce(IpAddress address, int interfaceIndex, MacAddress mac)
    {
        int length = AddressAnnouncement.Write(_frame, address, mac, address.Family == IpFamily.V6 && host.IsRouter);
        Note(sender.SendFrame(interfaceIndex, _frame.AsSpan(0, length)));
    }
}
