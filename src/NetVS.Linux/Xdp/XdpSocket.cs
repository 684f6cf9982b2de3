using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;

namespace NetVS.Linux.Xdp;

/// <summary>An AF_XDP socket bound to one queue, with its four rings.</summary>
/// <remarks>Source: linux/if_xdp.h, Documentation/networking/af_xdp.rst. Minimum kernel: 5.10.</remarks>
internal sealed unsafe class XdpSocket : IDisposable
{
    /// <summary>Entries of each ring.</summary>
    public const uint RingSize = 4096;

    private const int XDP_MAX_TX_SKB_BUDGET = 9;

    private XdpSocket(SafeFileHandle handle, XdpUmem umem, string @object)
    {
        Handle = handle;
        Descriptor = (int)handle.DangerousGetHandle();
        Umem = umem;
        Object = @object;
    }

    public SafeFileHandle Handle { get; }

    /// <summary>The descriptor's number, for calls per batch.</summary>
    public int Descriptor { get; }

    public XdpUmem Umem { get; }

    /// <summary>What it is bound to, for messages.</summary>
    public string Object { get; }

    public XdpProducerRing<ulong> Fill { get; private set; } = null!;

    public XdpConsumerRing<ulong> Completion { get; private set; } = null!;

    public XdpConsumerRing<xdp_desc> Receive { get; private set; } = null!;

    public XdpProducerRing<xdp_desc> Transmit { get; private set; } = null!;

    /// <summary>Opens and binds a socket; the queue must not be bound already.</summary>
    /// <param name="umem">The memory; shared with the sockets that are bound to it already.</param>
    /// <param name="interfaceIndex">The device, which must be up.</param>
    /// <param name="interfaceName">Its name, for messages.</param>
    /// <param name="queue">The receive (and transmit) queue.</param>
    /// <exception cref="KernelCallException">EBUSY: somebody else has the queue; EOPNOTSUPP: no zero copy here.</exception>
    public static XdpSocket Open(XdpUmem umem, int interfaceIndex, string interfaceName, int queue)
    {
        string @object = $"{interfaceName} queue {queue}";
        int fd = LibC.socket(LibC.AF_XDP, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EAFNOSUPPORT) throw new KernelFeatureMissingException("AF_XDP sockets", "5.10", "socket", errno, @object);
            throw LibC.Failure("socket AF_XDP", @object);
        }

        var socket = new XdpSocket(new SafeFileHandle(fd, ownsHandle: true), umem, @object);
        try
        {
            socket.SetUp(interfaceIndex, queue);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What the kernel counts for the socket.</summary>
    public xdp_statistics ReadStatistics()
    {
        xdp_statistics statistics = default;
        uint length = (uint)sizeof(xdp_statistics);
        _ = LibC.getsockopt(Handle, LibC.SOL_XDP, XdpAbi.XDP_STATISTICS, &statistics, &length);
        return statistics;
    }

    /// <summary>Closes the socket, then unmaps its rings. The chunks it had are the caller's to reclaim.</summary>
    public void Dispose()
    {
        Umem.Forget(Handle);
        Handle.Dispose();
        Fill?.Dispose();
        Completion?.Dispose();
        Receive?.Dispose();
        Transmit?.Dispose();
    }

    private void SetUp(int interfaceIndex, int queue)
    {
        SafeFileHandle? sharer = Umem.Sharer;
        if (sharer is null) Umem.Register(Handle, Object);
        SetRing(XdpAbi.XDP_UMEM_FILL_RING, "XDP_UMEM_FILL_RING");
        SetRing(XdpAbi.XDP_UMEM_COMPLETION_RING, "XDP_UMEM_COMPLETION_RING");
        SetRing(XdpAbi.XDP_RX_RING, "XDP_RX_RING");
        SetRing(XdpAbi.XDP_TX_RING, "XDP_TX_RING");

        // More than 32 frames per call, where the kernel lets us (6.17 and later); not needed for being right.
        uint budget = 256;
        _ = LibC.setsockopt(Handle, LibC.SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &budget, sizeof(uint));

        MapRings();
        Bind(sharer, interfaceIndex, queue);
        Umem.Remember(Handle);
    }

    private void SetRing(int option, string name) => LibC.SetOption(Handle, LibC.SOL_XDP, option, RingSize, name, Object);

    private void MapRings()
    {
        xdp_mmap_offsets offsets = default;
        uint length = (uint)sizeof(xdp_mmap_offsets);
        LibC.Check(LibC.getsockopt(Handle, LibC.SOL_XDP, XdpAbi.XDP_MMAP_OFFSETS, &offsets, &length), "getsockopt XDP_MMAP_OFFSETS", Object);
        if (length != (uint)sizeof(xdp_mmap_offsets))
            throw new KernelFeatureMissingException("AF_XDP need_wakeup", "5.4", "getsockopt XDP_MMAP_OFFSETS", Errno.EINVAL, Object);
        Fill = new(Map(offsets.fr, sizeof(ulong), XdpAbi.XDP_UMEM_PGOFF_FILL_RING), offsets.fr, RingSize);
        Completion = new(Map(offsets.cr, sizeof(ulong), XdpAbi.XDP_UMEM_PGOFF_COMPLETION_RING), offsets.cr, RingSize);
        Receive = new(Map(offsets.rx, sizeof(xdp_desc), XdpAbi.XDP_PGOFF_RX_RING), offsets.rx, RingSize);
        Transmit = new(Map(offsets.tx, sizeof(xdp_desc), XdpAbi.XDP_PGOFF_TX_RING), offsets.tx, RingSize);
    }

    private NativeMapping Map(in xdp_ring_offset offsets, int entrySize, long offset) =>
        NativeMapping.OfSocket(Handle, (nuint)(offsets.desc + (RingSize * (uint)entrySize)), offset, Object);

    private void Bind(SafeFileHandle? sharer, int interfaceIndex, int queue)
    {
        bool added = false;
        try
        {
            // What the first socket of a UMEM chose (copy mode, need_wakeup) holds for the others, which may not say it again.
            var address = new sockaddr_xdp
            {
                sxdp_family = LibC.AF_XDP,
                sxdp_flags = XdpAbi.XDP_SHARED_UMEM,
                sxdp_ifindex = (uint)interfaceIndex,
                sxdp_queue_id = (uint)queue,
            };
            if (sharer is null)
            {
                ushort mode = Umem.IsZeroCopy ? XdpAbi.XDP_ZEROCOPY : XdpAbi.XDP_COPY;
                address.sxdp_flags = (ushort)(mode | XdpAbi.XDP_USE_NEED_WAKEUP);
            }
            else
            {
                sharer.DangerousAddRef(ref added);
                address.sxdp_shared_umem_fd = (uint)sharer.DangerousGetHandle();
            }

            if (LibC.bind(Handle, &address, (uint)sizeof(sockaddr_xdp)) < 0) ThrowBind(sharer is not null);
        }
        finally
        {
            if (added) sharer!.DangerousRelease();
        }
    }

    private void ThrowBind(bool isShared)
    {
        int errno = Marshal.GetLastPInvokeError();
        throw new KernelCallException("bind AF_XDP", errno, Object, errno switch
        {
            Errno.EBUSY => "another AF_XDP socket has this queue",
            Errno.EOPNOTSUPP => "the driver has no zero-copy AF_XDP",
            Errno.ENETDOWN => "the interface is down",
            Errno.EINVAL when isShared => "one packet memory for several devices needs Linux 5.10 or later",
            Errno.EINVAL => "the interface has no such queue, or its frame MTU is too large",
            _ => null,
        });
    }
}
