using System.Runtime.CompilerServices;
using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Forwarding;

/// <summary>Remembers which addresses met last are virtual ones, and which FULLNAT's local ones: there are few, and nearly all requests go to one.</summary>
/// <remarks>
/// Directly mapped by the address; one that falls on another's place takes it over. It forgets everything when the rules are others. Thread: the owning worker.
/// </remarks>
internal sealed class SideMemo<TFamily, TAddress>
    where TFamily : struct, IAddressFamily<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    private const int Size = 64;

    private readonly Entry[] _entries = new Entry[Size];

    /// <summary>The rules that <see cref="Generation"/> stands for; null before the first question.</summary>
    public ServiceTable? Table { get; private set; }

    /// <summary>How often the rules have been others.</summary>
    public ulong Generation { get; private set; }

    /// <summary>Whether these are the rules that <see cref="Generation"/> stands for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool AreCurrent(ServiceTable table) => ReferenceEquals(table, Table);

    /// <summary>Whose packets to an address are.</summary>
    /// <param name="table">The rules in force.</param>
    /// <param name="destination">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PlainSide Of(ServiceTable table, TAddress destination)
    {
        if (!AreCurrent(table)) Forget(table);
        ref Entry entry = ref _entries[PlaceOf(destination)];
        return entry.Side != PlainSide.Unknown && entry.Address.Equals(destination) ? entry.Side : LookUp(table, destination, ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Forget(ServiceTable table)
    {
        Table = table;
        Generation++;
        Array.Clear(_entries);
    }

    // What is neither is a client's address as a rule: there are many, and they would take the others' places.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PlainSide LookUp(ServiceTable table, TAddress destination, ref Entry entry)
    {
        PlainSide side = TFamily.IsVirtualAddress(table, destination) ? PlainSide.Request
            : TFamily.IsLocalAddress(table, destination) ? PlainSide.LocalReply : PlainSide.Reply;
        if (side != PlainSide.Reply) entry = new Entry { Address = destination, Side = side };
        return side;
    }

    private static int PlaceOf(TAddress address)
    {
        uint low = typeof(TAddress) == typeof(Ipv4Address)
            ? Unsafe.BitCast<TAddress, Ipv4Address>(address).Value
            : unchecked((uint)Unsafe.BitCast<TAddress, Ipv6Address>(address).Low);
        return (int)((low ^ (low >> 8)) & (Size - 1));
    }

    private struct Entry
    {
        public TAddress Address;
        public PlainSide Side;
    }
}
