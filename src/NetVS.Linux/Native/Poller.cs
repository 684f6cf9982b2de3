using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Links;

namespace NetVS.Linux.Native;

/// <summary>Sleeps in ppoll(2) on the descriptors of the links and on an eventfd.</summary>
public sealed unsafe class Poller : IPoller
{
    private readonly SafeFileHandle _event;
    private LibC.pollfd[] _descriptors = GC.AllocateArray<LibC.pollfd>(1, pinned: true);

    /// <summary>Opens the eventfd.</summary>
    public Poller()
    {
        _event = new SafeFileHandle(
            LibC.Check(LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "eventfd", "worker"), ownsHandle: true);
        _descriptors[0] = On((int)_event.DangerousGetHandle());
    }

    /// <inheritdoc/>
    public void SetLinks(IReadOnlyList<ILink> links)
    {
        int[] numbers = [.. links.Where(l => l.Descriptor >= 0).Select(l => l.Descriptor)];
        LibC.pollfd[] descriptors = GC.AllocateArray<LibC.pollfd>(1 + numbers.Length, pinned: true);
        descriptors[0] = _descriptors[0];
        for (int i = 0; i < numbers.Length; i++) descriptors[1 + i] = On(numbers[i]);
        _descriptors = descriptors;
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout)
    {
        var time = new LibC.timespec
        {
            tv_sec = timeout.Ticks / TimeSpan.TicksPerSecond,
            tv_nsec = timeout.Ticks % TimeSpan.TicksPerSecond * 100,
        };
        LibC.pollfd[] descriptors = _descriptors;
        int ready;
        fixed (LibC.pollfd* first = descriptors) ready = LibC.ppoll(first, (nuint)descriptors.Length, &time, null);
        if (ready <= 0) return;
        if ((descriptors[0].revents & LibC.POLLIN) != 0)
        {
            ulong count;
            _ = LibC.read(descriptors[0].fd, &count, sizeof(ulong));
        }

        Mute(descriptors);
    }

    /// <inheritdoc/>
    public void Wake()
    {
        ulong one = 1;
        _ = LibC.write(_event, &one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();

    private static LibC.pollfd On(int descriptor) => new() { fd = descriptor, events = LibC.POLLIN };

    // A socket whose device went down or away reports an error for ever: it would keep the worker awake until the link is taken
    // from it. It is not waited for until the set of links changes; a link that comes back is a new link.
    private static void Mute(LibC.pollfd[] descriptors)
    {
        for (int i = 1; i < descriptors.Length; i++)
        {
            ref LibC.pollfd descriptor = ref descriptors[i];
            if ((descriptor.revents & ~LibC.POLLIN) == 0 || (descriptor.revents & LibC.POLLIN) != 0) continue;
            int error = 0;
            uint length = sizeof(int);
            _ = LibC.getsockopt_raw(descriptor.fd, LibC.SOL_SOCKET, LibC.SO_ERROR, &error, &length);
            if (error == 0) descriptor.fd = -1;
        }
    }
}
