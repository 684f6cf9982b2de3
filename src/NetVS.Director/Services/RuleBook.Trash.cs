using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <content>What was removed: recognised as long as a connection goes on with it, then forgotten.</content>
internal sealed partial class RuleBook
{
    /// <summary>A maintenance turn: what was removed is forgotten when its last connection is gone.</summary>
    public void Maintain()
    {
        bool isStale = false;
        foreach (TrashedDestination trashed in _trash.Values)
        {
            bool isLingering = trashed.LingerTurns > 0 || trashed.Destination.IsReferenced;
            isStale |= _ledger.Enter(trashed.Destination, isLingering ? TraceOf(trashed.Destination, isInForce: false) : default);
            if (trashed.LingerTurns > 0) trashed.LingerTurns--;
        }

        foreach (VirtualServiceState service in _services.Values)
        {
            bool hasHelper = HasHelper(service.Key);
            foreach (Destination destination in service.Destinations)
            {
                if (destination.ForgetFormer(hasHelper)) isStale |= _ledger.Enter(destination, destination.ToTrace(isInForce: true, hasHelper));
            }
        }

        isStale |= MaintainLocalAddresses();
        isStale |= MaintainMarks();
        // One port instead of every port is as many endpoints as before.
        if (isStale) _announcer.Distrust();
        if (isStale) Publish();
        else _announcer.Settle(_ledger.Divert);
    }

    /// <summary>The scan of the trash, every 60 s: what has been idle for 120 s is freed (reference §2.6).</summary>
    public void ScanTrash(MonotonicTime now)
    {
        foreach (((ServiceKey, IpEndpoint) key, TrashedDestination trashed) in _trash)
        {
            if (trashed.Destination.IsReferenced) continue;
            if (trashed.IdleSince is not { } idleSince) trashed.IdleSince = now;
            else if (now - idleSince >= TimeSpan.FromSeconds(120))
            {
                Destinations.Release(trashed.Destination);
                trashed.Destination.IsFreed = true;
                _trash.Remove(key);
            }
        }
    }

    // Which rule a connection was made by is not kept: a former rule is forgotten with the last connection of its mark's services.
    private bool MaintainMarks()
    {
        if (_ledger.FormerMarks.Count == 0) return false;
        HashSet<(IpFamily, uint)> inUse =
        [
            .. _services.Values.SelectMany(s => s.Destinations).Concat(_trash.Values.Select(t => t.Destination))
                .Where(d => d.Service.Key.IsMark && d.IsReferenced).Select(d => (d.Service.Key.Family, d.Service.Key.Mark)),
        ];
        MarkRule[] kept = [.. _ledger.FormerMarks.Where(r => inUse.Contains((r.Network.Family, r.Mark)))];
        if (kept.Length == _ledger.FormerMarks.Count) return false;
        _ledger.SetMarks(_ledger.Marks, kept);
        return true;
    }

    private bool MaintainLocalAddresses()
    {
        bool isStale = false;
        foreach (LocalAddressUsage usage in LocalAddresses.All)
        {
            if (usage.LingerTurns == 0 || usage.PortsInUse > 0 || --usage.LingerTurns > 0) continue;
            if (_services.Values.Any(s => s.LocalAddresses.Contains(usage.Address))) continue;
            LocalAddresses.Forget(usage.Address);
            _ledger.RemoveLocalAddress(usage.Address);
            isStale = true;
        }

        return isStale;
    }

    private void Linger(IpAddress address)
    {
        if (LocalAddresses.TryFind(address, out LocalAddressUsage? usage)) usage.LingerTurns = LingerTurns;
    }

    private void Close(VirtualServiceState service)
    {
        _ledger.Remove(service);
        foreach (Destination destination in service.Close()) ToTrash(destination);
        foreach (IpAddress address in service.LocalAddresses) Linger(address);
    }

    private void ToTrash(Destination destination)
    {
        traffic.Withdraw(destination);
        traffic.Collect(destination);
        _trash.Add((destination.Service.Key, destination.Rule.Real), new TrashedDestination(destination));
        _ledger.Enter(destination, TraceOf(destination, isInForce: false));
    }

    private void Revive(Destination destination, VirtualServiceState service, DestinationRule rule)
    {
        if (destination.Service != service)
        {
            destination.Service = service;
            destination.Statistics.Zero();
        }

        DestinationRule former = destination.Rule;
        ServiceTimeouts? formerTimeouts = destination.Timeouts;
        destination.Apply(rule, _overrides.Find(service.Key, rule.Real), isNew: true);
        NoteTunnel(former, rule);
        service.Add(destination);
        if (service.Timeouts != formerTimeouts) timeouts.Announce();
        if (service.Limits?.Clients is not null) clients.Announce();
        traffic.Restore(destination);
    }
}
