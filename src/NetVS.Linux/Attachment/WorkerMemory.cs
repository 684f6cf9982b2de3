using NetVS.Linux.Xdp;

namespace NetVS.Linux.Attachment;

/// <summary>The packet memory of one worker: one for sockets in copy mode and one for zero copy, each made when first needed.</summary>
/// <remarks>Two, because all sockets of a UMEM share the mode. Frames between the two are copied. Thread: the link manager's.</remarks>
internal sealed class WorkerMemory(int chunks) : IDisposable
{
    private XdpUmem? _copy;
    private XdpUmem? _zeroCopy;

    /// <summary>Opens a socket on a queue, with zero copy where that is wanted and the driver has it.</summary>
    public XdpSocket Open(int interfaceIndex, string interfaceName, int queue, bool tryZeroCopy)
    {
        if (tryZeroCopy && TryOpenZeroCopy(interfaceIndex, interfaceName, queue) is { } socket) return socket;
        _copy ??= new XdpUmem(chunks, isZeroCopy: false);
        return XdpSocket.Open(_copy, interfaceIndex, interfaceName, queue);
    }

    /// <summary>Unmaps; every socket is closed before.</summary>
    public void Dispose()
    {
        _copy?.Dispose();
        _zeroCopy?.Dispose();
        _copy = _zeroCopy = null;
    }

    private XdpSocket? TryOpenZeroCopy(int interfaceIndex, string interfaceName, int queue)
    {
        _zeroCopy ??= new XdpUmem(chunks, isZeroCopy: true);
        try
        {
            return XdpSocket.Open(_zeroCopy, interfaceIndex, interfaceName, queue);
        }
        catch (KernelCallException refused) when (refused.Errno is Errno.EOPNOTSUPP or Errno.EINVAL or Errno.ENOTSUPP)
        {
            if (_zeroCopy.Sharer is null)
            {
                _zeroCopy.Dispose();
                _zeroCopy = null;
            }

            return null;
        }
    }
}
