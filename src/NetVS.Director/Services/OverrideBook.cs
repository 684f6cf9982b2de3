using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>The overrides by the real server they are about. Thread: control, under the engine's lock.</summary>
internal sealed class OverrideBook
{
    /// <summary>The most there can be: those of destinations that were deleted count too.</summary>
    public const int Capacity = 65536;

    private readonly Dictionary<(ServiceKey Service, IpEndpoint Real), DestinationOverride> _overrides = [];

    /// <summary>All of them.</summary>
    public IEnumerable<KeyValuePair<(ServiceKey Service, IpEndpoint Real), DestinationOverride>> All => _overrides;

    /// <summary>The override of a real server in a service, or null.</summary>
    public DestinationOverride? Find(ServiceKey service, IpEndpoint real) => _overrides.GetValueOrDefault((service, real));

    /// <summary>Notes an override; false if there are too many.</summary>
    public bool TrySet(ServiceKey service, IpEndpoint real, DestinationOverride wanted)
    {
        if (_overrides.Count >= Capacity && !_overrides.ContainsKey((service, real))) return false;
        _overrides[(service, real)] = wanted;
        return true;
    }

    /// <summary>Forgets an override; false if there was none.</summary>
    public bool Remove(ServiceKey service, IpEndpoint real) => _overrides.Remove((service, real));

    /// <summary>Forgets those of a service, or with null all; what it forgot.</summary>
    public IReadOnlyList<(ServiceKey Service, IpEndpoint Real)> RemoveAll(ServiceKey? service)
    {
        (ServiceKey Service, IpEndpoint Real)[] gone = [.. _overrides.Keys.Where(k => service is null || k.Service == service)];
        foreach ((ServiceKey Service, IpEndpoint Real) key in gone) _overrides.Remove(key);
        return gone;
    }

    /// <summary>Those whose deadline has come by now and was not noticed before; they are over from now on.</summary>
    public IReadOnlyList<(ServiceKey Service, IpEndpoint Real)> TakeOver(MonotonicTime now)
    {
        List<(ServiceKey, IpEndpoint)>? due = null;
        foreach (((ServiceKey, IpEndpoint) key, DestinationOverride wanted) in _overrides)
            if (!wanted.IsOver && wanted.Deadline <= now) (due ??= []).Add(key);
        if (due is null) return [];
        foreach ((ServiceKey, IpEndpoint) key in due) _overrides[key] = _overrides[key] with { IsOver = true };
        return due;
    }
}
