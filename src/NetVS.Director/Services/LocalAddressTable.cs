using System.Diagnostics.CodeAnalysis;
using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>The usage of every FULLNAT local address that a service has or a connection still uses.</summary>
/// <remarks>Threads: control replaces the whole map; workers look up without a lock when a connection begins or ends.</remarks>
internal sealed class LocalAddressTable
{
    // Partner: TryFind. Written by control only; a reader sees the former or the new map, both complete.
    private volatile SnapshotMap<LocalAddressUsage> _byAddress = SnapshotMap<LocalAddressUsage>.Empty;
    private readonly Dictionary<IpAddress, LocalAddressUsage> _all = [];

    /// <summary>All that are known, as they are now. Thread: control.</summary>
    public IReadOnlyList<LocalAddressUsage> All => [.. _all.Values];

    /// <summary>Finds an address; it is there as long as a service has it or a connection uses a port of it.</summary>
    public bool TryFind(in IpAddress address, [MaybeNullWhen(false)] out LocalAddressUsage usage) =>
        _byAddress.TryFind(EndpointKey.Of(in address), out usage);

    /// <summary>Makes an address known. Thread: control.</summary>
    /// <returns>Whether it was not.</returns>
    public bool Ensure(IpAddress address)
    {
        var usage = new LocalAddressUsage(address);
        if (!_all.TryAdd(address, usage)) return false;
        _byAddress = _byAddress.With(EndpointKey.Of(in address), usage);
        return true;
    }

    /// <summary>Forgets an address that nobody has or uses any more. Thread: control.</summary>
    public void Forget(IpAddress address)
    {
        _all.Remove(address);
        _byAddress = _byAddress.Without(EndpointKey.Of(in address));
    }
}
