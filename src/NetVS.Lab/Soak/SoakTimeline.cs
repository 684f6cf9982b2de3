namespace NetVS.Lab.Soak;

/// <summary>When which rule let requests be lost: the only excuses that the soak knows.</summary>
/// <remarks>
/// A request may be lost
/// - of a connection to a server that is deleted, or whose drain's deadline comes, while the connection lives. If the server is not known, for it had not answered
///   yet: of a connection that began before the director had taken the deletion in (a server that is gone is chosen no more);
/// - of a service that is deleted as a whole: of a connection that began before it was there again, and whose end came after the deletion began.
/// Quiescing, weights, thresholds, other schedulers, settings, reloads, -R, -C behind a pause, -Z: no excuse.
/// Thread: the lab's alone.
/// </remarks>
internal sealed class SoakTimeline
{
    // The director looks for connections whose deadline has come once a second.
    private static readonly TimeSpan s_deadlineSlack = TimeSpan.FromSeconds(1.5);
    private readonly List<Window> _windows = [];

    /// <summary>A server is about to leave a service.</summary>
    /// <returns>To be called when no connection can begin there any more.</returns>
    public Action ServerLeaves(string service, string server) => Open(new Window([service], server, Now()));

    /// <summary>A server is about to be drained: no connection begins there after the deadline, nor before but those of clients with persistence.</summary>
    public Action ServerDrains(IEnumerable<string> services, string server, TimeSpan deadline)
    {
        Action open = Open(new Window([.. services], server, Now()));
        Window window = _windows[^1];
        return () =>
        {
            open();
            window.Until += (long)(deadline + s_deadlineSlack).TotalMilliseconds;
        };
    }

    /// <summary>A service is about to leave.</summary>
    /// <returns>To be called when it is there again.</returns>
    public Action ServiceLeaves(string service) => Open(new Window([service], null, Now()));

    /// <summary>Whether a loss has an excuse.</summary>
    public bool Excuses(SoakLoss loss) => _windows.Exists(w =>
        w.Services.Contains(loss.Service)
        && (w.Server is null || loss.Server.Length == 0 || w.Server == loss.Server)
        && loss.Connected <= w.Until && loss.Ended >= w.From);

    private Action Open(Window window)
    {
        _windows.Add(window);
        return () => window.Until = Now();
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private sealed class Window(HashSet<string> services, string? server, long from)
    {
        public HashSet<string> Services { get; } = services;

        public string? Server { get; } = server;

        public long From { get; } = from;

        public long Until { get; set; } = long.MaxValue;
    }
}
