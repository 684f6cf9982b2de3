using System.Runtime.CompilerServices;
using NetVS.Memory;

namespace NetVS.Director.Persistence;

/// <summary>What persistence engines recognise clients by, kept beside the templates that have such a key.</summary>
/// <remarks>Memory is reserved when the first key comes and becomes resident as it is used. Thread: whoever holds the templates' lock.</remarks>
internal sealed class EngineKeys(int capacity) : IDisposable
{
    /// <summary>Octets of the longest key (reference §1).</summary>
    public const int Longest = 255;

    private NativeSlab<Entry>? _entries;
    private int _highest;
    private int _free;

    /// <summary>Keeps a key.</summary>
    /// <param name="engine">Whose it is.</param>
    /// <param name="key">1 to <see cref="Longest"/> octets.</param>
    /// <returns>Its place, 1 and up; there are never more than templates.</returns>
    public int Add(IPersistenceEngine engine, ReadOnlySpan<byte> key)
    {
        _entries ??= new NativeSlab<Entry>(capacity + 1);
        int slot = _free;
        if (slot != 0) _free = _entries[slot].NextFree;
        else slot = ++_highest;
        ref Entry entry = ref _entries[slot];
        entry.Engine = EngineTable.NumberOf(engine);
        entry.Length = (byte)key.Length;
        key.CopyTo(entry.Octets);
        return slot;
    }

    /// <summary>Returns the memory. Nobody may use it any more.</summary>
    public void Dispose() => _entries?.Dispose();

    /// <summary>A key; good until it is removed.</summary>
    public ReadOnlySpan<byte> Get(int slot)
    {
        ref Entry entry = ref _entries![slot];
        return ((ReadOnlySpan<byte>)entry.Octets)[..entry.Length];
    }

    /// <summary>The name of the engine whose key it is.</summary>
    public string NameOf(int slot) => EngineTable.Get(_entries![slot].Engine).Name;

    /// <summary>Forgets a key.</summary>
    public void Remove(int slot)
    {
        _entries![slot].NextFree = _free;
        _free = slot;
    }

    private struct Entry
    {
        public int NextFree;
        public byte Engine;
        public byte Length;
        public KeyOctets Octets;
    }

    [InlineArray(Longest)]
    private struct KeyOctets
    {
        private byte _first;
    }
}
