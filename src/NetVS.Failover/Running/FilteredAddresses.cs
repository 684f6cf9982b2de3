using NetVS.Linux;
using NetVS.Linux.Vrrp;
using NetVS.Packets;

namespace NetVS.Failover.Running;

/// <summary>The addresses of masters with no_accept, or in strict mode: their packets do not reach this host's programs. Thread: the loop's.</summary>
internal sealed class FilteredAddresses(Action<string> log) : IDisposable
{
    private readonly Dictionary<RunningInstance, IpAddress[]> _addresses = [];
    private AddressFilter? _filter;

    /// <summary>Removes what a killed daemon has left.</summary>
    public void RemoveLeftovers()
    {
        if (AddressFilter.Probe() == 0) Set();
    }

    /// <summary>Filters an instance's addresses if it is to be; to be called before they are put in place.</summary>
    public void Add(RunningInstance instance)
    {
        if (!instance.Plan.IsFiltered)
        {
            Remove(instance);
            return;
        }

        _addresses[instance] = [.. instance.Plan.Addresses.Select(a => a.Address)];
        int errno = Set();
        if (errno != 0) log($"vrrp: ({instance.Plan.Name}) packets to its addresses cannot be filtered, and are accepted: nftables: {Errno.NameOf(errno)}");
    }

    /// <summary>Filters them no longer; to be called after they were taken away.</summary>
    public void Remove(RunningInstance instance)
    {
        if (!_addresses.Remove(instance)) return;
        int errno = Set();
        if (errno != 0) log($"vrrp: ({instance.Plan.Name}) the filter of its addresses cannot be removed: nftables: {Errno.NameOf(errno)}");
    }

    /// <inheritdoc/>
    public void Dispose() => _filter?.Dispose();

    private int Set()
    {
        try
        {
            _filter ??= new AddressFilter();
            return _filter.Set([.. _addresses.Values.SelectMany(a => a)]);
        }
        catch (KernelCallException e)
        {
            return e.Errno;
        }
    }
}
