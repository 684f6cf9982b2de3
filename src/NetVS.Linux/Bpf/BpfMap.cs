using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>An eBPF map by its own descriptor: keys and values as octets, or as structs that are laid out as the C ones.</summary>
/// <remarks>
/// The values of per-CPU maps hold one element per possible CPU, each rounded up to 8 octets: <see cref="ValueSize"/> says how
/// much a lookup really needs. Calls are system calls and may be made from any thread.
/// </remarks>
public sealed unsafe class BpfMap : IDisposable
{
    private const int InfoSize = 88;
    private const uint PerCpuHash = 5, PerCpuArray = 6, LruPerCpuHash = 10;

    private BpfMap(SafeFileHandle handle, uint type, uint id, int keySize, int elementSize, int maxEntries, string name)
    {
        Handle = handle;
        Type = type;
        Id = id;
        KeySize = keySize;
        ElementSize = elementSize;
        MaxEntries = maxEntries;
        Name = name;
        ValueSize = type is PerCpuHash or PerCpuArray or LruPerCpuHash ? ((elementSize + 7) & ~7) * PossibleCpus.Count : elementSize;
    }

    /// <summary>The descriptor, for mmap and for other calls that take one.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>BPF_MAP_TYPE_*.</summary>
    public uint Type { get; }

    /// <summary>The kernel's id of the map.</summary>
    public uint Id { get; }

    /// <summary>Octets of a key.</summary>
    public int KeySize { get; }

    /// <summary>Octets of one element as the program declares it.</summary>
    public int ElementSize { get; }

    /// <summary>Octets a lookup or update moves: all CPUs' elements for a per-CPU map.</summary>
    public int ValueSize { get; }

    /// <summary>Capacity.</summary>
    public int MaxEntries { get; }

    /// <summary>The name the kernel keeps: at most 15 characters.</summary>
    public string Name { get; }

    /// <summary>Creates a map that belongs to no program yet.</summary>
    /// <param name="type">BPF_MAP_TYPE_*.</param>
    /// <param name="name">At most 15 characters.</param>
    /// <param name="keySize">Octets of a key; 0 where the type has none.</param>
    /// <param name="valueSize">Octets of a value; 0 where the type has none.</param>
    /// <param name="maxEntries">Capacity; octets for a ring buffer.</param>
    /// <param name="flags">BPF_F_*.</param>
    /// <param name="inner">For a map of maps: one like those that will be in it.</param>
    public static BpfMap Create(uint type, string name, int keySize, int valueSize, int maxEntries, uint flags = 0, BpfMap? inner = null)
    {
        bool added = false;
        try
        {
            inner?.Handle.DangerousAddRef(ref added);
            var options = new LibBpf.MapCreateOptions
            {
                Size = (nuint)sizeof(LibBpf.MapCreateOptions),
                InnerMapFd = inner is null ? 0 : (int)inner.Handle.DangerousGetHandle(),
                Flags = flags,
            };
            int fd = LibBpf.Check(
                LibBpf.bpf_map_create(type, name, checked((uint)keySize), checked((uint)valueSize), checked((uint)maxEntries), &options),
                "bpf_map_create", $"map {name} of {maxEntries} entries");
            return FromHandle(new SafeFileHandle(fd, ownsHandle: true));
        }
        finally
        {
            if (added) inner!.Handle.DangerousRelease();
        }
    }

    /// <summary>Opens a map by the kernel's id.</summary>
    public static BpfMap FromId(uint id) =>
        FromHandle(new SafeFileHandle(LibBpf.Check(LibBpf.bpf_map_get_fd_by_id(id), "bpf_map_get_fd_by_id", $"map {id}"), true));

    /// <summary>Opens a pinned map.</summary>
    public static BpfMap FromPin(string path) => FromHandle(BpfFileSystem.Open(path));

    /// <summary>Stores a value; <paramref name="flags"/>: 0 any, 1 only if absent, 2 only if present.</summary>
    /// <exception cref="KernelCallException">E2BIG: the map is full.</exception>
    public void Update(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong flags = 0)
    {
        CheckSizes(key, value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
            LibBpf.Check(LibBpf.bpf_map_update_elem(Handle, k, v, flags), "bpf_map_update_elem", $"map {Name}");
    }

    /// <summary>Stores a value given as structs.</summary>
    public void Update<TKey, TValue>(in TKey key, in TValue value, ulong flags = 0)
        where TKey : unmanaged
        where TValue : unmanaged =>
        Update(AsOctets(in key), AsOctets(in value), flags);

    /// <summary>Copies a value out; false where the key is not there.</summary>
    public bool TryLookup(ReadOnlySpan<byte> key, Span<byte> value)
    {
        CheckSizes(key, value.Length);
        fixed (byte* k = key)
        fixed (byte* v = value)
            return Found(LibBpf.bpf_map_lookup_elem(Handle, k, v), "bpf_map_lookup_elem");
    }

    /// <summary>Copies a value out as a struct; false where the key is not there. Not for per-CPU maps.</summary>
    public bool TryLookup<TKey, TValue>(in TKey key, out TValue value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        value = default;
        return TryLookup(AsOctets(in key), MemoryMarshal.AsBytes(new Span<TValue>(ref value)));
    }

    /// <summary>Removes a key; false where it is not there.</summary>
    public bool Delete(ReadOnlySpan<byte> key)
    {
        CheckSizes(key, ValueSize);
        fixed (byte* k = key)
            return Found(LibBpf.bpf_map_delete_elem(Handle, k), "bpf_map_delete_elem");
    }

    /// <summary>Removes a key given as a struct; false where it is not there.</summary>
    public bool Delete<TKey>(in TKey key)
        where TKey : unmanaged => Delete(AsOctets(in key));

    /// <summary>The key after <paramref name="key"/> (the first one for an empty span), in the map's own order; false at the end.</summary>
    public bool TryNextKey(ReadOnlySpan<byte> key, Span<byte> next)
    {
        if (key.Length > 0) CheckSizes(key, ValueSize);
        if (next.Length != KeySize) throw new ArgumentException($"map {Name} has keys of {KeySize} octets", nameof(next));
        fixed (byte* k = key)
        fixed (byte* n = next)
            return Found(LibBpf.bpf_map_get_next_key(Handle, key.IsEmpty ? null : k, n), "bpf_map_get_next_key");
    }

    /// <summary>Every key at the time of the call, copied.</summary>
    public IReadOnlyList<byte[]> ToKeys()
    {
        var keys = new List<byte[]>();
        byte[] next = new byte[KeySize];
        byte[] key = [];
        while (keys.Count <= MaxEntries && TryNextKey(key, next))
        {
            key = [.. next];
            keys.Add(key);
        }

        return keys;
    }

    /// <summary>The sum over all CPUs of a per-CPU map's 64-bit counters at <paramref name="index"/>.</summary>
    public ulong SumPerCpu(uint index)
    {
        byte[] value = new byte[ValueSize];
        if (!TryLookup(AsOctets(in index), value)) return 0;
        ulong sum = 0;
        foreach (ulong one in MemoryMarshal.Cast<byte, ulong>(value)) sum = unchecked(sum + one);
        return sum;
    }

    /// <summary>Pins the map, see <see cref="BpfFileSystem"/>.</summary>
    public void Pin(string path) => BpfFileSystem.Pin(Handle, path);

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <summary>Wraps a descriptor, asking the kernel what the map is.</summary>
    internal static BpfMap FromHandle(SafeFileHandle handle)
    {
        // struct bpf_map_info: type, id, key_size, value_size, max_entries, map_flags, name[16], …
        Span<byte> info = stackalloc byte[InfoSize];
        info.Clear();
        uint size = InfoSize;
        fixed (byte* octets = info)
            LibBpf.Check(LibBpf.bpf_obj_get_info_by_fd(handle, octets, &size), "bpf_obj_get_info_by_fd", "map");
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(info);
        return new BpfMap(
            handle, words[0], words[1], (int)words[2], (int)words[3], (int)words[4], BpfProgram.NameFrom(info.Slice(24, 16)));
    }

    private static ReadOnlySpan<byte> AsOctets<T>(in T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    private bool Found(int result, string call)
    {
        if (result == -Errno.ENOENT) return false;
        LibBpf.Check(result, call, $"map {Name}");
        return true;
    }

    private void CheckSizes(ReadOnlySpan<byte> key, int valueLength)
    {
        if (key.Length != KeySize || valueLength != ValueSize) ThrowSizes(key.Length, valueLength);
    }

    [DoesNotReturn, MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowSizes(int key, int value) =>
        throw new ArgumentException($"map {Name} has keys of {KeySize} and values of {ValueSize} octets, not {key} and {value}");
}
