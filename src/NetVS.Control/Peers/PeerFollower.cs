using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Sync.Peers;

namespace NetVS.Control.Peers;

/// <summary>Dials one peer, again and again, to be told by it: everything, then what changes.</summary>
internal sealed class PeerFollower(DirectorEngine engine, ISyncDelivery delivery, PeerOptions options, PeerKeyRing ring, IPEndPoint peer, UInt128 instance)
{
    private static readonly TimeSpan s_leastPause = TimeSpan.FromMilliseconds(200), s_mostPause = TimeSpan.FromSeconds(5), s_second = TimeSpan.FromSeconds(1);

    // A host that is down says nothing, and a director that starts waits for it.
    private static readonly TimeSpan s_connectPatience = TimeSpan.FromSeconds(3);

    private readonly PeerProgress _progress = new(isHeard: true, peer.ToString());
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _rules;

    /// <summary>How far it is.</summary>
    public PeerStatus Status => _progress.Status;

    /// <summary>Complete when the peer has told everything for the first time, or the first attempt has failed.</summary>
    public Task First => _first.Task;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        TimeSpan pause = s_leastPause;
        while (!cancellation.IsCancellationRequested)
        {
            int transfers = Status.Transfers;
            string before = Status.LastError;
            try
            {
                await FollowAsync(cancellation);
            }
            catch (Exception e) when (IsOfThisWorld(e))
            {
                if (cancellation.IsCancellationRequested) return;
                _progress.Fail(Explain(e));
            }

            _first.TrySetResult();

            // Once for each cause, and again when a channel that stood has broken.
            if (Status.LastError != before || Status.Transfers != transfers) options.Report($"peers: {peer}: {Status.LastError}: trying again");
            pause = Status.Transfers != transfers ? s_leastPause : pause;

            // So that two directors that start together, or many, do not dial in step.
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            pause = pause * 2 < s_mostPause ? pause * 2 : s_mostPause;
        }
    }

    /// <summary>Whether an exception is what a network, or whoever is there, can cause.</summary>
    internal static bool IsOfThisWorld(Exception e) => e is SocketException or IOException or AuthenticationException or PeerException or OperationCanceledException or ObjectDisposedException;

    /// <summary>What to say of it.</summary>
    internal static string Explain(Exception e) => e switch
    {
        AuthenticationException => "the other end does not hold the same key, or speaks no TLS 1.3",
        OperationCanceledException => "no answer in time",
        IOException { InnerException: SocketException inner } => inner.Message,
        IOException => "the connection broke, as it does when the other end does not hold the same key",
        _ => e.Message,
    };

    private async Task FollowAsync(CancellationToken ending)
    {
        (PeerKey key, CancellationToken replaced) = ring.Current;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending, replaced);
        try
        {
            await FollowAsync(key, either.Token);
        }
        catch (OperationCanceledException) when (replaced.IsCancellationRequested)
        {
            throw new PeerException("the key was replaced");
        }
    }

    private async Task FollowAsync(PeerKey key, CancellationToken cancellation)
    {
        var socket = new Socket(peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(s_connectPatience);
            await socket.ConnectAsync(peer, patience.Token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        await using PeerStream stream = await PeerStream.OpenAsync(socket, isDialler: true, key, instance, cancellation);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Ask();
        await stream.WriteAsync(PeerFrameKind.Request, ending.Token);
        options.Report($"peers: {peer}: connected, asked for everything");
        Task speaking = SpeakAsync(stream, ending.Token);
        try
        {
            await ListenAsync(stream, ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
            await speaking.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task ListenAsync(PeerStream stream, CancellationToken cancellation)
    {
        var receiver = new PeerReceiver(engine, delivery, _progress);
        while (true)
        {
            bool hasMore = true;
            while (hasMore)
            {
                stream.Leave(receiver.Take(stream.Waiting));
                hasMore = await receiver.DeliverAsync(cancellation);
                if (!hasMore) continue;
                PeerStatus s = Status;
                options.Report($"peers: {peer}: told everything, {s.Transferred} records in {s.LastTransferTook.TotalSeconds:0.00} s; following");
                _first.TrySetResult();
            }

            await stream.ReadMoreAsync(cancellation);
        }
    }

    // A sign of life every second; and where records were refused for want of a rule, everything again when the rules are others.
    private async Task SpeakAsync(PeerStream stream, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(s_second, cancellation);
            bool isWanting = engine.Sync.MissesRules && engine.Sync.RulesVersion != _rules && Status.State == PeerState.Following;
            if (isWanting) Ask();
            await stream.WriteAsync(isWanting ? PeerFrameKind.Request : PeerFrameKind.Alive, cancellation);
        }
    }

    private void Ask()
    {
        _rules = engine.Sync.RulesVersion;
        engine.Sync.MissesRules = false;
    }
}
