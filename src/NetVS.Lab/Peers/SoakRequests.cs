using System.Net.Sockets;

namespace NetVS.Lab.Peers;

/// <summary>The soak's requests: short and long connections, downloads and uploads, datagrams large and small, and what comes of each.</summary>
/// <param name="patience">How long an answer may take before the request counts as lost.</param>
/// <param name="print">Takes a line for each request that was lost, or answered wrong.</param>
internal sealed class SoakRequests(TimeSpan patience, Action<string> print)
{
    private const int MostLong = 2, Datagrams = 4;
    private const long LongLife = 200_000, LongIdle = 25_000;
    private const int SolSocket = 1, SoNoCheck = 11;
    private static long s_number;

    /// <summary>Makes one request, or a few on one connection.</summary>
    public Task AskAsync(SoakTarget target, Random random) => target.IsUdp ? AskByDatagramAsync(target, random) : AskByConnectionAsync(target, random);

    /// <summary>Closes what is kept open.</summary>
    public static void CloseAll(SoakTarget target)
    {
        foreach (SoakConnection connection in target.Idle) connection.Dispose();
        foreach (Socket socket in target.Sockets) socket.Dispose();
        target.Idle.Clear();
        target.Sockets.Clear();
    }

    private async Task AskByConnectionAsync(SoakTarget target, Random random)
    {
        long began = Now();
        SoakConnection? connection = null;
        bool isLong = false;
        try
        {
            int kept;
            lock (target.Idle)
            {
                kept = target.Idle.Count;
                if (kept > 0 && random.Next(2) == 0)
                {
                    connection = target.Idle[0];
                    target.Idle.RemoveAt(0);
                }
            }

            // Rather closed by the client than expired in the director: what expires there is lost by right.
            if (connection is not null && began - connection.LastUsed > LongIdle)
            {
                connection.Dispose();
                connection = null;
            }

            isLong = connection is not null ? began - connection.Began < LongLife : kept < MostLong && random.Next(3) == 0;
            connection ??= await ConnectAsync(target, began);
            if (connection is null) return;
            int requests = 1 + random.Next(3);
            for (int i = 0; i < requests; i++)
            {
                began = Now();
                using var limit = new CancellationTokenSource(patience);
                await AskOnceAsync(target, connection, random, isLast: !isLong && i == requests - 1, limit.Token);
            }

            if (isLong) lock (target.Idle) target.Idle.Add(connection);
        }
        catch (Exception e) when (IsLoss(e))
        {
            Lose(target, connection?.Server ?? "", connection?.Began ?? began, began, e);
            isLong = false;
        }
        catch (WrongAnswerException e)
        {
            print($"wrong {target.Name} {e.Message}");
            isLong = false;
        }
        finally
        {
            if (!isLong) connection?.Dispose();
        }
    }

    private async Task<SoakConnection?> ConnectAsync(SoakTarget target, long began)
    {
        target.Count(SoakCount.Attempts);
        using var limit = new CancellationTokenSource(patience);
        try
        {
            SoakConnection connection = await SoakConnection.OpenAsync(target, began, limit.Token);
            target.Count(SoakCount.Connections);
            return connection;
        }
        catch (SocketException e) when (target.Kind == SoakKind.Limited && e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            target.Count(SoakCount.Refused);
            return null;
        }
    }

    private static async Task AskOnceAsync(SoakTarget target, SoakConnection connection, Random random, bool isLast, CancellationToken limit)
    {
        int length = Size(random, 17);
        if (random.Next(3) == 0) await connection.UploadAsync(length, limit);
        else await connection.DownloadAsync(length, isLast && random.Next(3) == 0, limit);
        if (isLast && random.Next(6) == 0) connection.ResetAtEnd();
        target.Count(SoakCount.Answered);
        target.Count(SoakCount.Octets, length);
    }

    private async Task AskByDatagramAsync(SoakTarget target, Random random)
    {
        long began = Now();
        Socket socket = TakeSocket(target, random);
        bool isKept = target.Kind == SoakKind.Plain && random.Next(3) > 0;
        try
        {
            bool isLarge = random.Next(8) == 0;
            byte[] request = DatagramExchange.Ask(Interlocked.Increment(ref s_number), isLarge ? 1500 + random.Next(6000) : Size(random, 10), isLarge ? random.Next(8000) : Size(random, 10));

            // Without a checksum, which IPv4 allows and the fast path leaves to the director.
            if (target.Endpoint.AddressFamily == AddressFamily.InterNetwork) socket.SetRawSocketOption(SolSocket, SoNoCheck, BitConverter.GetBytes(random.Next(8) == 0 ? 1 : 0));
            await ExchangeAsync(target, socket, request);
            target.Count(SoakCount.Answered);
            target.Count(SoakCount.Octets, request.Length);
        }
        catch (SocketException e) when (target.Kind == SoakKind.Closed && e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            target.Count(SoakCount.Unreachable);
            isKept = false;
        }
        catch (Exception e) when (IsLoss(e))
        {
            Lose(target, "", began, began, e);
            isKept = false;
        }
        catch (WrongAnswerException e)
        {
            print($"wrong {target.Name} {e.Message}");
            isKept = false;
        }
        finally
        {
            lock (target.Sockets)
            {
                isKept &= target.Sockets.Count < MostLong;
                if (isKept) target.Sockets.Add(socket);
            }

            if (!isKept) socket.Dispose();
        }
    }

    private static Socket TakeSocket(SoakTarget target, Random random)
    {
        lock (target.Sockets)
        {
            if (target.Sockets.Count > 0 && random.Next(2) == 0)
            {
                Socket kept = target.Sockets[0];
                target.Sockets.RemoveAt(0);
                return kept;
            }
        }

        var socket = new Socket(target.Endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(target.Endpoint);
        target.Count(SoakCount.Attempts);
        target.Count(SoakCount.Connections);
        return socket;
    }

    // As a resolver does: asked again a few times, for a datagram may be lost where a path turns out to be narrower than was thought.
    private async Task ExchangeAsync(SoakTarget target, Socket socket, byte[] request)
    {
        byte[] answer = new byte[1 << 16];
        for (int i = 0; ; i++)
        {
            using var limit = new CancellationTokenSource(patience / Datagrams);
            try
            {
                await socket.SendAsync(request, limit.Token);
                while (true)
                {
                    int length = await socket.ReceiveAsync(answer, limit.Token);
                    if (DatagramExchange.TryRead(answer.AsSpan(0, length), request, out _)) return;
                }
            }
            catch (Exception e) when (i < Datagrams - 1 && IsPassing(e))
            {
                target.Count(SoakCount.Repeated);
            }
        }
    }

    // EMSGSIZE: the kernel has just learned of a narrower path, and cuts the next one to fit.
    private static bool IsPassing(Exception e) => e is OperationCanceledException or SocketException { SocketErrorCode: SocketError.MessageSize };

    private static bool IsLoss(Exception e) => e is IOException or SocketException or OperationCanceledException or InvalidDataException;

    private void Lose(SoakTarget target, string server, long connected, long began, Exception why)
    {
        target.Count(SoakCount.Lost);
        string reason = why is OperationCanceledException ? "no answer" : why.GetBaseException().Message;
        print($"lost {target.Name} {(server.Length == 0 ? "-" : server)} {connected} {began} {Now()} {reason}");
    }

    // Small ones are more frequent than large ones: a random power of two, then a random size below it.
    private static int Size(Random random, int bits) => 1 + random.Next(1 << random.Next(bits));

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
