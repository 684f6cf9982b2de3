using System.Net.Sockets;
using System.Security.Cryptography;
using NetVS.Control.Synchronisation;
using NetVS.Director;

namespace NetVS.Control.Peers;

/// <summary>The peer channel: connections told to other directors, and by them, over authenticated connections that repair themselves.</summary>
/// <remarks>Who wants to be told dials. Threads: any; one begins and ends it.</remarks>
public sealed class PeerService : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly PeerListener? _listener;
    private readonly PeerFollower[] _followers;
    private readonly PeerOptions _options;
    private readonly PeerKeyRing _ring;
    private Task _running = Task.CompletedTask;
    private bool _hasEnded;

    /// <summary>Listens, and does nothing else yet.</summary>
    /// <param name="engine">The director.</param>
    /// <param name="delivery">Reaches its workers.</param>
    /// <param name="options">What it is told.</param>
    /// <exception cref="PeerKeyException">It cannot listen where it is told to.</exception>
    public PeerService(DirectorEngine engine, ISyncDelivery delivery, PeerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _ring = new PeerKeyRing(options.Key);
        UInt128 instance = new(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        try
        {
            if (options.Listen is { } listen) _listener = new PeerListener(engine, delivery, options, _ring, listen, instance);
        }
        catch (SocketException e)
        {
            throw new PeerKeyException($"peers cannot be listened for on {options.Listen}: {e.Message}: see --sync-listen");
        }

        _followers = [.. options.Peers.Select(p => new PeerFollower(engine, delivery, options, _ring, p, instance))];
    }

    /// <summary>Where it listens; null where it does not.</summary>
    public string? Listening => _options.Listen?.ToString();

    /// <summary>Why the last one who dialled was refused; empty if nobody was.</summary>
    public string LastRefusal => _listener?.LastRefusal ?? "";

    /// <summary>Where the key is read again.</summary>
    public string? KeyFile => _options.KeyFile;

    /// <summary>Reads the key's file again.</summary>
    /// <returns>The key in it if it is another one than that in force; else null.</returns>
    /// <exception cref="PeerKeyException">It cannot be read.</exception>
    public PeerKey? ReadNewKey()
    {
        if (_options.KeyFile is not { } file) return null;
        PeerKey read = PeerKey.Load(file);
        if (!read.IsSameAs(_ring.Current.Key)) return read;
        read.Dispose();
        return null;
    }

    /// <summary>Puts another key in force: every channel is closed and proves the new one.</summary>
    public void Use(PeerKey key)
    {
        _ring.Replace(key);
        _options.Report("peers: another key is in force: channels are opened anew with it");
    }

    /// <summary>Begins to dial and to tell; the workers run.</summary>
    public void Begin()
    {
        List<Task> tasks = [.. _followers.Select(f => Task.Run(() => f.RunAsync(_ending.Token)))];
        if (_listener is { } listener) tasks.Add(Task.Run(() => listener.RunAsync(_ending.Token)));

        // A fault of ours ends one channel, not the director, and is not silent.
        foreach (Task task in tasks)
            task.ContinueWith(t => _options.Report($"peers: a channel has ended: {t.Exception!.GetBaseException()}"), default, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        _running = Task.WhenAll(tasks);
    }

    /// <summary>Waits until each peer has told everything, or could not be reached at the first attempt.</summary>
    /// <param name="limit">How long at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Whether all have answered, well or not.</returns>
    public async Task<bool> WaitForFirstAsync(TimeSpan limit, CancellationToken cancellation)
    {
        Task all = Task.WhenAll(_followers.Select(f => f.First));
        return await Task.WhenAny(all, Task.Delay(limit, cancellation)) == all;
    }

    /// <summary>All channels, those that are heard first.</summary>
    public IReadOnlyList<PeerStatus> ReadStatus() => [.. _followers.Select(f => f.Status), .. _listener?.ReadStatus() ?? []];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_hasEnded) return;
        _hasEnded = true;
        _ending.Cancel();
        _running.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        _listener?.Dispose();
        _ring.Dispose();
        _ending.Dispose();
    }
}
