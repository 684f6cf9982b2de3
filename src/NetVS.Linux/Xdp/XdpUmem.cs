using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;

namespace NetVS.Linux.Xdp;

/// <summary>The packet memory of one worker, in chunks of one size, shared by all its AF_XDP sockets.</summary>
/// <remarks>
/// <para>Each chunk has one owner at any time: nobody (it is in the free list), the application (a received frame under work, a copy
/// being made), or a socket (in its fill, receive, transmit or completion ring, or inside the kernel). Owners are written down so
/// that the chunks of a socket that goes away, wherever they were, come back (<see cref="Reclaim"/>).</para>
/// <para>Threads: the free list and the owners belong to the worker; <see cref="Register"/> and <see cref="Forget"/> are called by who
/// opens and closes sockets, under its lock. Minimum kernel: 5.10, for several devices and queues on one UMEM.</para>
/// </remarks>
internal sealed unsafe class XdpUmem : IDisposable
{
    /// <summary>Octets of a chunk.</summary>
    public const int ChunkSize = 4096;

    private const int ChunkBits = 12;
    private const byte OwnedByNobody = 0, OwnedByApplication = 255;

    private readonly NativeMapping _memory;
    private readonly ulong[] _free;
    private readonly byte[] _owners;
    private readonly List<SafeFileHandle> _bound = [];
    private readonly bool[] _identities = new bool[OwnedByApplication];
    private int _freeCount;
    private int _sockets;

    /// <summary>Maps the memory; the kernel pins it when the first socket registers it.</summary>
    /// <param name="chunks">How many chunks there are.</param>
    /// <param name="isZeroCopy">Whether its sockets are bound for zero copy: all sockets of a UMEM share that.</param>
    public XdpUmem(int chunks, bool isZeroCopy)
    {
        IsZeroCopy = isZeroCopy;
        ChunkCount = chunks;
        _memory = NativeMapping.Anonymous((nuint)chunks * ChunkSize, $"{chunks} packet chunks");

        // A child process (ip, tc) must not share pages that the kernel writes packets to: copy-on-write would part them.
        _ = LibC.madvise(_memory.Address, _memory.Length, LibC.MADV_DONTFORK);
        _free = new ulong[chunks];
        _owners = new byte[chunks];
        for (int i = 0; i < chunks; i++) _free[i] = (ulong)(chunks - 1 - i) * ChunkSize;
        _freeCount = chunks;
    }

    /// <summary>Whether frames move without a copy between driver and application.</summary>
    public bool IsZeroCopy { get; }

    /// <summary>Chunks in all.</summary>
    public int ChunkCount { get; }

    /// <summary>Chunks nobody uses. Thread: the worker's; others see a recent value.</summary>
    public int FreeCount => _freeCount;

    /// <summary>The first octet of the memory.</summary>
    public byte* Base => _memory.Address;

    /// <summary>A socket that is bound to this UMEM, which another may share it with; null when there is none.</summary>
    public SafeFileHandle? Sharer => _bound.Count > 0 ? _bound[0] : null;

    /// <summary>
    /// How many chunks a socket's fill ring may hold: three eighths of all, shared evenly, so that a burst finds room while an idle queue
    /// does not take what others need. Threads: written when sockets come and go, read by the worker.
    /// </summary>
    public uint FillShare => (uint)Math.Min(XdpSocket.RingSize, ChunkCount * 3 / 8 / Math.Max(1, Volatile.Read(ref _sockets)));

    /// <summary>A number for a socket's chunks.</summary>
    public byte TakeIdentity()
    {
        Interlocked.Increment(ref _sockets);
        for (byte i = 1; i < OwnedByApplication; i++)
        {
            if (_identities[i]) continue;
            _identities[i] = true;
            return i;
        }

        throw new InvalidOperationException("a worker serves at most 254 queues");
    }

    /// <summary>Registers the memory with a socket that is to be the first one bound.</summary>
    public void Register(SafeFileHandle socket, string @object)
    {
        var registration = new xdp_umem_reg { addr = (ulong)_memory.Address, len = _memory.Length, chunk_size = ChunkSize };
        if (LibC.setsockopt(socket, LibC.SOL_XDP, XdpAbi.XDP_UMEM_REG, &registration, (uint)sizeof(xdp_umem_reg)) < 0)
            throw LibC.Failure("setsockopt XDP_UMEM_REG", @object, "the packet memory cannot be locked: ulimit -l, or too little memory");
    }

    /// <summary>Notes that a socket is bound.</summary>
    public void Remember(SafeFileHandle socket) => _bound.Add(socket);

    /// <summary>Notes that a socket is closed, or its device gone.</summary>
    public void Forget(SafeFileHandle socket) => _bound.Remove(socket);

    /// <summary>The octets of a chunk.</summary>
    public Span<byte> Octets(ulong chunk)
    {
        Debug.Assert(chunk % ChunkSize == 0 && chunk < (ulong)ChunkCount * ChunkSize, "no chunk of this memory begins there");
        return new Span<byte>(_memory.Address + chunk, ChunkSize);
    }

    /// <summary>Takes a free chunk for the application.</summary>
    public bool TryTake(out ulong chunk)
    {
        chunk = 0;
        if (_freeCount == 0) return false;
        chunk = _free[--_freeCount];
        _owners[chunk >> ChunkBits] = OwnedByApplication;
        return true;
    }

    /// <summary>Gives a chunk to a socket.</summary>
    public void GiveTo(ulong chunk, byte socket) => _owners[chunk >> ChunkBits] = socket;

    /// <summary>The chunk is under work in the application.</summary>
    public void TakeFromSocket(ulong chunk) => _owners[chunk >> ChunkBits] = OwnedByApplication;

    /// <summary>Gives a chunk back.</summary>
    public void Return(ulong chunk)
    {
        ref byte owner = ref _owners[chunk >> ChunkBits];
        Debug.Assert(owner != OwnedByNobody, "the chunk is free already");
        owner = OwnedByNobody;
        _free[_freeCount++] = chunk;
    }

    /// <summary>Gives back all chunks of a socket that has been closed, and its number.</summary>
    public void Reclaim(byte socket)
    {
        for (int i = 0; i < _owners.Length; i++)
            if (_owners[i] == socket) Return((ulong)i * ChunkSize);
        _identities[socket] = false;
        Interlocked.Decrement(ref _sockets);
    }

    /// <summary>Unmaps the memory; every socket is closed before.</summary>
    public void Dispose() => _memory.Dispose();
}
