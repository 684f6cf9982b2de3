using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;

namespace NetVS.Linux.Tcp;

/// <summary>Tries TCP connections, thousands a second, on one thread: connects, and closes as soon as it is known how that ended.</summary>
/// <remarks>
/// A connection costs five system calls here (socket, connect, epoll_ctl, getsockopt, close) and no change of threads, where the framework's sockets take two
/// of those and a timer each. Sockets are of the network namespace of the thread that makes the connector. Threads: <see cref="Connect"/> from any.
/// </remarks>
public sealed unsafe class TcpConnector : IDisposable
{
    private const int IPPROTO_TCP = 6, SO_REUSEADDR = 2, SO_BINDTODEVICE = 25;
    private const int EPOLL_CLOEXEC = 0x80000, EPOLL_CTL_ADD = 1, MostEvents = 256;
    private const uint EPOLLIN = 1, EPOLLOUT = 4;
    private const int WakeToken = -1;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int s_eventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_dataAt = s_eventSize - sizeof(long);

    private readonly ConcurrentQueue<ConnectRequest> _asked = new();
    private readonly List<Attempt> _attempts = [];
    private readonly Stack<int> _free = new();
    private readonly PriorityQueue<(int Index, int Round), long> _deadlines = new();
    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _event;
    private readonly byte[] _events = new byte[MostEvents * 16];
    private readonly Thread _thread;
    private int _isAwake;
    private volatile bool _isEnding;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public TcpConnector()
    {
        _epoll = new SafeFileHandle(LibC.Check(LibC.epoll_create1(EPOLL_CLOEXEC), "epoll_create1", "checks"), ownsHandle: true);
        _event = new SafeFileHandle(LibC.Check(LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "eventfd", "checks"), ownsHandle: true);
        Watch((int)_event.DangerousGetHandle(), EPOLLIN, WakeToken);
        _thread = new Thread(Run) { IsBackground = true, Name = "netvs checks" };
        _thread.Start();
    }

    /// <summary>Begins to connect; how it ends is told by <see cref="ConnectRequest.Completed"/>. After the end nothing is told any more.</summary>
    public void Connect(ConnectRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        _asked.Enqueue(request);

        // Pairs with the exchange in Run: who asks after that finds it 0 and wakes the thread, who asked before is found in the queue.
        if (Interlocked.Exchange(ref _isAwake, 1) == 0) Wake();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isEnding) return;
        _isEnding = true;
        Wake();
        if (Environment.CurrentManagedThreadId != _thread.ManagedThreadId) _thread.Join();

        // Another thread may be about to wake it still: that descriptor is left to the finalizer.
        foreach (Attempt attempt in _attempts.Where(a => a.Descriptor >= 0)) _ = LibC.close(attempt.Descriptor);
        _epoll.Dispose();
    }

    private void Wake()
    {
        ulong one = 1;
        _ = LibC.write(_event, &one, sizeof(ulong));
    }

    private void Run()
    {
        while (!_isEnding)
        {
            int count;
            fixed (byte* events = _events) count = LibC.epoll_wait((int)_epoll.DangerousGetHandle(), events, MostEvents, FindTimeout());
            Interlocked.Exchange(ref _isAwake, 0);
            for (int i = 0; i < count; i++) Take(MemoryMarshal.Read<long>(_events.AsSpan((i * s_eventSize) + s_dataAt)));
            while (!_isEnding && _asked.TryDequeue(out ConnectRequest? request)) Begin(request);
            ExpireDue();
        }
    }

    private int FindTimeout()
    {
        while (_deadlines.TryPeek(out (int Index, int Round) first, out long due))
        {
            if (_attempts[first.Index].Round == first.Round) return (int)Math.Clamp(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due).TotalMilliseconds + 1, 0, int.MaxValue);
            _deadlines.Dequeue();
        }

        return -1;
    }

    private void Take(long token)
    {
        if (token == WakeToken)
        {
            ulong spent;
            _ = LibC.read((int)_event.DangerousGetHandle(), &spent, sizeof(ulong));
            return;
        }

        // A script that is just being started holds all descriptors for a moment: one that was closed here may still be told of.
        int index = (int)(token & int.MaxValue);
        if (_attempts[index].Round != (int)(token >> 32) || _attempts[index].Request is null) return;
        int errno = 0;
        uint length = sizeof(int);
        if (LibC.getsockopt_raw(_attempts[index].Descriptor, LibC.SOL_SOCKET, LibC.SO_ERROR, &errno, &length) != 0) errno = Marshal.GetLastPInvokeError();
        End(index, ToError(errno));
    }

    private void ExpireDue()
    {
        long now = Stopwatch.GetTimestamp();
        while (_deadlines.TryPeek(out (int Index, int Round) first, out long due) && due <= now)
        {
            _deadlines.Dequeue();
            if (_attempts[first.Index].Round == first.Round) End(first.Index, SocketError.TimedOut);
        }
    }

    private void Begin(ConnectRequest request)
    {
        int family = MemoryMarshal.Read<ushort>(request.Target.Span);
        int descriptor = LibC.socket(family, LibC.SOCK_STREAM | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, IPPROTO_TCP);
        int errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : Start(descriptor, request);
        if (errno != Errno.EINPROGRESS)
        {
            if (descriptor >= 0) _ = LibC.close(descriptor);
            request.Completed(ToError(errno));
            return;
        }

        if (!_free.TryPop(out int index))
        {
            index = _attempts.Count;
            _attempts.Add(new Attempt());
        }

        Attempt attempt = _attempts[index];
        attempt.Descriptor = descriptor;
        attempt.Request = request;
        _deadlines.Enqueue((index, attempt.Round), Stopwatch.GetTimestamp() + (long)(request.Patience.TotalSeconds * Stopwatch.Frequency));
        Watch(descriptor, EPOLLOUT, ((long)attempt.Round << 32) | (uint)index);
    }

    // 0 when it is connected at once, EINPROGRESS when it is on its way, any other errno when it failed.
    private static int Start(int descriptor, ConnectRequest request)
    {
        uint mark = request.Mark;
        int one = 1;
        if (mark != 0 && LibC.setsockopt_raw(descriptor, LibC.SOL_SOCKET, LibC.SO_MARK, &mark, sizeof(uint)) != 0) return Marshal.GetLastPInvokeError();
        if (request.Interface is { } name)
        {
            byte[] octets = System.Text.Encoding.ASCII.GetBytes(name + '\0');
            fixed (byte* text = octets)
                if (LibC.setsockopt_raw(descriptor, LibC.SOL_SOCKET, SO_BINDTODEVICE, text, (uint)octets.Length) != 0) return Marshal.GetLastPInvokeError();
        }

        if (request.ReusesPort) _ = LibC.setsockopt_raw(descriptor, LibC.SOL_SOCKET, SO_REUSEADDR, &one, sizeof(int));
        fixed (byte* source = request.Source.Span)
            if (!request.Source.IsEmpty && LibC.bind_raw(descriptor, source, (uint)request.Source.Length) != 0) return Marshal.GetLastPInvokeError();
        fixed (byte* target = request.Target.Span)
            return LibC.connect_raw(descriptor, target, (uint)request.Target.Length) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    // A closed descriptor is no longer watched.
    private void End(int index, SocketError error)
    {
        Attempt attempt = _attempts[index];
        _ = LibC.close(attempt.Descriptor);
        ConnectRequest request = attempt.Request!;
        attempt.Descriptor = -1;
        attempt.Request = null;
        attempt.Round = unchecked(attempt.Round + 1);
        _free.Push(index);
        request.Completed(error);
    }

    private void Watch(int descriptor, uint events, long token)
    {
        Span<byte> what = stackalloc byte[s_eventSize];
        MemoryMarshal.Write(what, events);
        MemoryMarshal.Write(what[s_dataAt..], token);
        fixed (byte* first = what) LibC.Check(LibC.epoll_ctl((int)_epoll.DangerousGetHandle(), EPOLL_CTL_ADD, descriptor, first), "epoll_ctl", "checks");
    }

    private static SocketError ToError(int errno) => errno switch
    {
        0 => SocketError.Success,
        Errno.ECONNREFUSED => SocketError.ConnectionRefused,
        Errno.ECONNRESET => SocketError.ConnectionReset,
        Errno.ECONNABORTED => SocketError.ConnectionAborted,
        Errno.ENETUNREACH => SocketError.NetworkUnreachable,
        Errno.EHOSTUNREACH => SocketError.HostUnreachable,
        Errno.EHOSTDOWN => SocketError.HostDown,
        Errno.ENETDOWN => SocketError.NetworkDown,
        Errno.ETIMEDOUT => SocketError.TimedOut,
        Errno.EADDRNOTAVAIL => SocketError.AddressNotAvailable,
        Errno.EADDRINUSE => SocketError.AddressAlreadyInUse,
        Errno.EMFILE or Errno.ENFILE => SocketError.TooManyOpenSockets,
        Errno.EACCES or Errno.EPERM => SocketError.AccessDenied,
        Errno.EAFNOSUPPORT => SocketError.AddressFamilyNotSupported,
        Errno.ENOBUFS or Errno.ENOMEM => SocketError.NoBufferSpaceAvailable,
        Errno.EINVAL => SocketError.InvalidArgument,
        _ => SocketError.SocketError,
    };

    // A place in the table; its round tells deadlines of former attempts from its own.
    private sealed class Attempt
    {
        public int Descriptor { get; set; } = -1;

        public ConnectRequest? Request { get; set; }

        public int Round { get; set; }
    }
}
