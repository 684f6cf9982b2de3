using NetVS.Packets;
using NetVS.Testing.Time;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Tracking;
using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Tests.Machine;

/// <summary>Virtual routers with a clock that stands, and everything they did as words.</summary>
internal sealed class World : IVirtualRouterEffects
{
    private readonly List<VirtualRouter> _routers = [];
    private readonly List<string> _done = [];

    public ManualClock Clock { get; } = new();

    public List<(VirtualRouterEvent What, IpAddress Other, int Number)> Events { get; } = [];

    /// <summary>What was done since the last time it was read.</summary>
    public string Done
    {
        get
        {
            string done = string.Join(", ", _done);
            _done.Clear();
            return done;
        }
    }

    public VirtualRouter Add(VirtualRouterOptions options, params TrackedCondition[] conditions)
    {
        var router = new VirtualRouter(options, conditions, this) { Source = IpAddress.Parse(options.Family == IpFamily.V6 ? "fe80::7" : "198.51.100.7") };
        _routers.Add(router);
        return router;
    }

    public VirtualRouter Start(VirtualRouterOptions options, params TrackedCondition[] conditions)
    {
        VirtualRouter router = Add(options, conditions);
        router.Start(Clock.Now);
        return router;
    }

    /// <summary>Lets time pass, from one deadline to the next.</summary>
    public void Pass(double seconds)
    {
        MonotonicTime end = Clock.Now + TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
        while (true)
        {
            MonotonicTime next = _routers.Min(r => r.Deadline);
            if (next > end) break;
            if (next > Clock.Now) Clock.AdvanceTo(next);
            foreach (VirtualRouter router in _routers) router.Tick(Clock.Now);
        }

        Clock.AdvanceTo(end);
    }

    public AdvertProblem Hear(VirtualRouter router, byte priority, string source = "198.51.100.8", VirtualRouterOptions? sender = null, uint sequence = 1, string? destination = null)
    {
        byte[] packet = Advert.From(sender ?? router.Options, router.Options.Family == IpFamily.V6 ? "fe80::8" : source, priority, destination, sequence);
        Advert.TryRead(packet, out ReceivedAdvert advert).ShouldBeTrue();
        return router.Receive(advert, Clock.Now);
    }

    public void Set(VirtualRouter router, TrackedCondition condition, bool isGood)
    {
        condition.Set(isGood);
        router.Evaluate(Clock.Now);
    }

    public void SendAdvert(VirtualRouter router, byte priority)
    {
        _ = router.NextAdvert(router.Options.Group, priority);
        Do(router, $"advert {priority}");
    }

    public void TakeAddresses(VirtualRouter router) => Do(router, "take");

    public void ReleaseAddresses(VirtualRouter router) => Do(router, "release");

    public void Announce(VirtualRouter router, int rounds) => Do(router, $"garp {rounds}");

    public void StopAnnouncing(VirtualRouter router)
    {
    }

    public void AnnounceSource(VirtualRouter router) => Do(router, "garp source");

    public void Notify(VirtualRouter router, Notification notification) => Do(router, notification.ToString().ToUpperInvariant());

    public void Notify(SyncGroup group, Notification notification) => _done.Add($"{group.Name} {notification.ToString().ToUpperInvariant()}");

    public void NotifyPriority(VirtualRouter router) => Do(router, $"priority {router.EffectivePriority}");

    public void Report(VirtualRouter router, VirtualRouterEvent what, IpAddress other, int number) => Events.Add((what, other, number));

    // With one router its name would only be noise.
    private void Do(VirtualRouter router, string what) => _done.Add(_routers.Count == 1 ? what : $"{router.Options.Name} {what}");
}
