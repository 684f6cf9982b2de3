using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>The usage of every FULLNAT local address that a service has or a connection still uses.</summary>
/// <remarks>Threads: control replaces the whole map; workers look up without a lock when a connection begins or ends.</remarks>
internal sealed class LocalAddressTable
{
    // Written by control only; a reader sees the former or the new map, both complete.
    private volatile FrozenDictionary<IpAddress, LocalAddressUsage> _byAddress = FrozenDictionary<IpAddress, LocalAddressUsage>.Empty;

    /// <summary>All that are known. Thread: control.</summary>
    public IEnumerable<LocalAddressUsage> All => _byAddress.Values;

    /// <summary>Finds an address; it is there as long as a service has it or a connection uses a port of it.</summary>
    public bool TryFind(in IpAddress address, [MaybeNullWhen(false)] out LocalAddressUsage usage) =>
        _byAddress.TryGetValue(address, out usage);

    /// <summary>Makes an address known. Thread: control.</summary>
    public void Ensure(IpAddress address)
    {
        if (_byAddress.ContainsKey(address)) return;
        _byAddress = _byAddress.Append(new(address, new LocalAddressUsage(address))).ToFrozenDictionary();
    }

    /// <summary>Forgets what nobody has or uses any more. Thread: control.</summary>
    public void Forget(Func<LocalAddressUsage, bool> isGone)
    {
        if (_byAddress.Values.Any(isGone)) _byAddress = _byAddress.Where(pair => !isGone(pair.Value)).ToFrozenDictionary();
    }
}
