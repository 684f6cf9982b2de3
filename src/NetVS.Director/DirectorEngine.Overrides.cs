using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director;

/// <content>What an operator wants of single destinations, whatever their rules say.</content>
public sealed partial class DirectorEngine
{
    /// <summary>Every override in force, and those that wait for their real server to be added again.</summary>
    public IReadOnlyList<OverrideView> ListOverrides()
    {
        lock (_lock) return [.. _rules.Overrides.Select(o => ToView(o.Key.Service, o.Key.Real, o.Value))];
    }

    /// <summary>Gives a destination another weight than its rule says, whatever becomes of the rule.</summary>
    /// <param name="service">The service.</param>
    /// <param name="real">The real server.</param>
    /// <param name="weight">The weight in force from now on.</param>
    public RuleResult OverrideWeight(ServiceKey service, IpEndpoint real, int weight)
    {
        lock (_lock) return _rules.SetOverride(service, real, new DestinationOverride { Weight = weight }, isAhead: false);
    }

    /// <summary>Begins to empty a destination: it gets no new connections, UDP moves to others at once, TCP and SCTP may end by themselves.</summary>
    /// <param name="service">The service.</param>
    /// <param name="real">The real server.</param>
    /// <param name="releasesPersistence">Whether persistent clients get another real server with their next connection.</param>
    /// <param name="deadline">After what time, counted from the last tick, the connections left are ended; null for never.</param>
    public RuleResult Drain(ServiceKey service, IpEndpoint real, bool releasesPersistence, TimeSpan? deadline) => Override(
        service, real, new DestinationOverride { Weight = 0, IsDrain = true, ReleasesPersistence = releasesPersistence }, deadline, isAhead: false);

    /// <summary>Puts an override of a former director in force, also for a destination that is to be added yet.</summary>
    /// <param name="service">The service.</param>
    /// <param name="real">The real server.</param>
    /// <param name="wanted">What is wanted of it, with no deadline.</param>
    /// <param name="deadline">The time left, counted from the last tick; null for ever.</param>
    public RuleResult GoOnWith(ServiceKey service, IpEndpoint real, DestinationOverride wanted, TimeSpan? deadline) =>
        Override(service, real, wanted, deadline, isAhead: true);

    /// <summary>Lets the rule of a destination be in force again.</summary>
    public RuleResult RemoveOverride(ServiceKey service, IpEndpoint real)
    {
        lock (_lock) return _rules.RemoveOverride(service, real);
    }

    /// <summary>Forgets every override of a service's real servers, or with null every one.</summary>
    public void RemoveOverrides(ServiceKey? service)
    {
        lock (_lock) _rules.RemoveOverrides(service);
    }

    private RuleResult Override(ServiceKey service, IpEndpoint real, DestinationOverride wanted, TimeSpan? deadline, bool isAhead)
    {
        lock (_lock)
        {
            RuleResult result = _rules.SetOverride(service, real, wanted with { Deadline = _now + deadline }, isAhead);
            if (!result.IsOk || !wanted.IsDrain) return result;
            _rules.EndDrains(_now);
            Sweep();
            return result;
        }
    }

    private OverrideView ToView(ServiceKey service, IpEndpoint real, DestinationOverride wanted) => new(
        service, real, wanted, wanted.Deadline is { } deadline ? deadline > _now ? deadline - _now : TimeSpan.Zero : null);
}
