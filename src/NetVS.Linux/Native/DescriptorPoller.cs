using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Native;

/// <summary>Waits until one of some descriptors can be read, a time is over, or another thread calls.</summary>
/// <remarks>Waiting allocates nothing. Threads: one waits; any wakes.</remarks>
public sealed unsafe class DescriptorPoller : IDisposable
{
    private readonly SafeFileHandle _event;
    private LibC.pollfd[] _descriptors;

    /// <summary>Opens the eventfd by which it is woken.</summary>
    /// <param name="owner">Who waits, for messages.</param>
    public DescriptorPoller(string owner)
    {
        _event = new SafeFileHandle(LibC.Check(LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "eventfd", owner), ownsHandle: true);
        _descriptors = [On((int)_event.DangerousGetHandle())];
    }

    /// <summary>Sets what is waited for; <see cref="IsReady"/> counts from 0 in this order.</summary>
    public void SetDescriptors(IReadOnlyList<int> descriptors)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        LibC.pollfd[] all = new LibC.pollfd[1 + descriptors.Count];
        all[0] = _descriptors[0];
        for (int i = 0; i < descriptors.Count; i++) all[1 + i] = On(descriptors[i]);
        _descriptors = all;
    }

    /// <summary>Waits.</summary>
    /// <param name="timeout">At most so long; negative is zero.</param>
    /// <returns>Whether something came before the time was over.</returns>
    public bool Wait(TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero) timeout = TimeSpan.Zero;
        var time = new LibC.timespec { tv_sec = timeout.Ticks / TimeSpan.TicksPerSecond, tv_nsec = timeout.Ticks % TimeSpan.TicksPerSecond * 100 };
        int ready;
        fixed (LibC.pollfd* first = _descriptors) ready = LibC.ppoll(first, (nuint)_descriptors.Length, &time, null);
        if (ready <= 0)
        {
            for (int i = 0; i < _descriptors.Length; i++) _descriptors[i].revents = 0;
            return false;
        }

        if ((_descriptors[0].revents & LibC.POLLIN) == 0) return true;
        ulong count;
        _ = LibC.read(_descriptors[0].fd, &count, sizeof(ulong));
        return true;
    }

    /// <summary>No longer waits, until the next <see cref="SetDescriptors"/>, for descriptors that reported an error which is none of theirs to clear.</summary>
    /// <remarks>A socket whose device went down or away reports an error for ever: it would keep its thread awake.</remarks>
    public void MuteBroken()
    {
        for (int i = 1; i < _descriptors.Length; i++)
        {
            ref LibC.pollfd descriptor = ref _descriptors[i];
            if ((descriptor.revents & ~LibC.POLLIN) == 0 || (descriptor.revents & LibC.POLLIN) != 0) continue;
            int error = 0;
            uint length = sizeof(int);
            _ = LibC.getsockopt_raw(descriptor.fd, LibC.SOL_SOCKET, LibC.SO_ERROR, &error, &length);
            if (error == 0) descriptor.fd = -1;
        }
    }

    /// <summary>Whether the descriptor at this place had something at the last waiting, be it an error.</summary>
    public bool IsReady(int index) => _descriptors[1 + index].revents != 0;

    /// <summary>Ends the waiting, now or the next time.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = LibC.write(_event, &one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();

    private static LibC.pollfd On(int descriptor) => new() { fd = descriptor, events = LibC.POLLIN };
}
