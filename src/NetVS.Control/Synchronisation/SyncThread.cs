using System.Net.Sockets;
using NetVS.Director;

namespace NetVS.Control.Synchronisation;

/// <summary>One thread of a daemon with its socket.</summary>
internal sealed class SyncThread : IDisposable
{
    // Workers wake nobody: a system call for a packet is too much.
    private static readonly TimeSpan s_masterPause = TimeSpan.FromMilliseconds(20);
    private const int ReceiveTimeoutMicroseconds = 200_000;

    private readonly Socket _socket;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    private SyncThread(Socket socket, string name, Action<SyncThread> run)
    {
        _socket = socket;
        _thread = new Thread(() => run(this)) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>A thread that sends.</summary>
    public static SyncThread Send(Socket socket, DirectorEngine engine, ISyncDelivery clock, int index, byte syncId, int maxOctets)
    {
        var sender = new MasterSender(engine, index, syncId, maxOctets, new SocketSender(socket));
        return new SyncThread(socket, $"netvs sync-m {index}", self =>
        {
            while (!self._stop.IsSet)
                if (!sender.Turn(clock.Now)) self._stop.Wait(s_masterPause);
            sender.Finish(clock.Now);
        });
    }

    /// <summary>A thread that receives.</summary>
    public static SyncThread Receive(Socket socket, DirectorEngine engine, ISyncDelivery delivery, int index, byte syncId, int maxOctets)
    {
        var receiver = new BackupReceiver(engine, delivery, syncId);
        byte[] buffer = new byte[maxOctets];
        return new SyncThread(socket, $"netvs sync-b {index}", self =>
        {
            while (!self._stop.IsSet)
            {
                if (!socket.Poll(ReceiveTimeoutMicroseconds, SelectMode.SelectRead)) continue;
                int length = socket.Receive(buffer, SocketFlags.None, out SocketError error);
                if (error == SocketError.Success) receiver.Take(buffer.AsSpan(0, length));

                // A device that is down says so at every turn; its return is heard again.
                else self._stop.Wait(s_masterPause);
            }
        });
    }

    /// <summary>Has it end, without waiting for it.</summary>
    public void Ask() => _stop.Set();

    /// <summary>Ends it and closes the socket.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _socket.Dispose();
        _stop.Dispose();
    }

    private sealed class SocketSender(Socket socket) : ISyncSender
    {
        public SocketError Send(ReadOnlySpan<byte> message)
        {
            socket.Send(message, SocketFlags.None, out SocketError error);
            return error;
        }
    }
}
