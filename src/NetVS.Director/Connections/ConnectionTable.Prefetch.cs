using System.Runtime.CompilerServices;
using NetVS.Memory;
using NetVS.Packets;

namespace NetVS.Director.Connections;

/// <content>Hints to the processor: what a search will read, before it is made. Only the low 48 bits of a hash matter here.</content>
internal sealed partial class ConnectionTable<TAddress>
{
    /// <summary>The hash of a FULLNAT connection's inner side under the table's key.</summary>
    public ulong HashOfLocalEnd(IpProtocol protocol, TAddress local, ushort localPort, TAddress real, ushort realPort) =>
        _hash.OfLocalEnd(protocol, local, localPort, real, realPort);

    /// <summary>Asks for where the search for a client's end will begin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchIndex(ulong hash) => _clientEnds.Prefetch(hash);

    /// <summary>Asks for where the search for a FULLNAT reply will begin.</summary>
    public void PrefetchLocalIndex(ulong hash) => _localEnds.Prefetch(hash);

    /// <summary>Asks for the first entry that the search for a client's end will look at; its handle, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PrefetchConnection(ulong hash) => PrefetchFirst(_clientEnds.Probe(hash));

    /// <summary>Asks for the first entry that the search for a FULLNAT reply will look at; its handle, or 0.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int PrefetchByLocalEnd(ulong hash) => PrefetchFirst(_localEnds.Probe(hash));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int PrefetchFirst(HandleProbe probe)
    {
        if (!probe.MoveNext()) return 0;
        _slab.Prefetch(probe.Handle);
        return probe.Handle;
    }
}
