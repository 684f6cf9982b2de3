using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using NetVS.Bench.Wires;
using NetVS.Linux.Host;

namespace NetVS.Bench.Parts;

/// <summary>A second client beside wrk: one connection after the other, each timed from connecting to the end of the answer.</summary>
/// <remarks>wrk begins its clock when a connection is open, and so does not see what opening it took.</remarks>
internal sealed class ConnectionProbe : IDisposable
{
    private const int PatienceMilliseconds = 5000;
    private readonly List<double> _milliseconds = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;

    /// <summary>Begins.</summary>
    public ConnectionProbe(BenchHost client, IPEndPoint target)
    {
        _thread = new Thread(() => Run(client, target));
        _thread.Start();
    }

    /// <summary>Connections that failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Ends, and tells what each connection took, in ascending order.</summary>
    public IReadOnlyList<double> End()
    {
        _stop.Cancel();
        _thread.Join();
        _milliseconds.Sort();
        return _milliseconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _stop.Dispose();
    }

    private void Run(BenchHost client, IPEndPoint target)
    {
        NetworkNamespace.Enter(client.Path);
        byte[] buffer = new byte[4096];
        while (!_stop.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.ReceiveTimeout = socket.SendTimeout = PatienceMilliseconds;
                socket.Connect(target);
                socket.Send("GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"u8);
                int octets = 0;
                while (socket.Receive(buffer) is > 0 and int received) octets += received;
                if (octets == 0) throw new SocketException((int)SocketError.ConnectionReset);
                _milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            catch (SocketException)
            {
                Failures++;
            }
        }
    }
}
