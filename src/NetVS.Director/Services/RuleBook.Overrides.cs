using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <content>What operators want of single destinations, whatever their rules say.</content>
internal sealed partial class RuleBook
{
    private readonly OverrideBook _overrides = new();

    /// <summary>Every override, those of real servers that are not among the rules too.</summary>
    public IEnumerable<KeyValuePair<(ServiceKey Service, IpEndpoint Real), DestinationOverride>> Overrides => _overrides.All;

    /// <summary>Overrides what the rule of a destination says, until <see cref="RemoveOverride"/>.</summary>
    /// <param name="key">The service.</param>
    /// <param name="real">The real server.</param>
    /// <param name="wanted">What is wanted of it.</param>
    /// <param name="isAhead">Whether the destination need not be there yet.</param>
    public RuleResult SetOverride(ServiceKey key, IpEndpoint real, DestinationOverride wanted, bool isAhead)
    {
        if (!isAhead && Find(key) is null) return RuleStatus.ESRCH;
        if (!isAhead && Find(key)?.Find(real) is null) return RuleStatus.ENOENT;
        if (!RuleChecks.IsWeight(wanted.Weight)) return RuleStatus.ERANGE;
        if (!_overrides.TrySet(key, real, wanted)) return new RuleResult(RuleStatus.ENOMEM, $"{OverrideBook.Capacity} real servers are overridden already");
        Override(key, real, wanted);
        return RuleResult.Ok;
    }

    /// <summary>Lets the rule of a destination be in force again.</summary>
    public RuleResult RemoveOverride(ServiceKey key, IpEndpoint real)
    {
        if (!_overrides.Remove(key, real)) return RuleStatus.ENOENT;
        Override(key, real, null);
        return RuleResult.Ok;
    }

    /// <summary>Forgets the overrides of a service, or with null all.</summary>
    public void RemoveOverrides(ServiceKey? key)
    {
        foreach ((ServiceKey service, IpEndpoint real) in _overrides.RemoveAll(key)) Override(service, real, null);
    }

    /// <summary>Ends the drains whose deadline has come; whether there are any.</summary>
    public bool EndDrains(MonotonicTime now)
    {
        IReadOnlyList<(ServiceKey Service, IpEndpoint Real)> due = _overrides.TakeOver(now);
        foreach ((ServiceKey service, IpEndpoint real) in due) Override(service, real, _overrides.Find(service, real));
        return due.Count > 0;
    }

    private void Override(ServiceKey key, IpEndpoint real, DestinationOverride? wanted)
    {
        if (Find(key) is { } service && service.Find(real) is { } destination) service.Update(destination, destination.Rule, wanted);
    }
}
