using System.Net;
using System.Net.Sockets;
using System.Text;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>Downloads that last: each is read as slowly as is needed for something to happen meanwhile, and every octet is checked.</summary>
internal sealed class SlowDownload : IDisposable
{
    private const int PerRead = 16384;

    private readonly Socket[] _sockets;
    private readonly Thread[] _threads;
    private readonly long[] _octets;
    private readonly string?[] _failures;
    private volatile bool _isStopping;

    /// <summary>Begins a number of downloads.</summary>
    public SlowDownload(LabNetwork lab, string address, int port, int count, int pauseMilliseconds = 5)
    {
        _sockets = new Socket[count];
        _octets = new long[count];
        _failures = new string?[count];
        Names = new string[count];
        lab.Client.Run(() =>
        {
            for (int i = 0; i < count; i++)
            {
                _sockets[i] = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60000 };
                _sockets[i].ReceiveBufferSize = 65536;
                _sockets[i].Connect(new IPEndPoint(IPAddress.Parse(address), port));
                _sockets[i].Send("get 1000000000000\n"u8);
                Names[i] = ReadLine(_sockets[i]).Split(' ')[0];
            }
        });
        _threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() => Read(i, pauseMilliseconds)) { IsBackground = true })];
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <summary>Who serves each.</summary>
    public string[] Names { get; }

    /// <summary>How many octets of each have come.</summary>
    public long[] Octets()
    {
        _failures.ShouldAllBe(f => f == null, string.Join("; ", _failures.Where(f => f is not null)));
        return [.. Enumerable.Range(0, _octets.Length).Select(i => Volatile.Read(ref _octets[i]))];
    }

    /// <summary>Waits until every download has got somewhere.</summary>
    public void WaitUntilRunning() => Patience.WaitFor(() => Octets().All(o => o > 200_000), "the downloads run", 20);

    public void Dispose()
    {
        _isStopping = true;
        foreach (Socket socket in _sockets) socket.Dispose();
        foreach (Thread thread in _threads) thread.Join();
    }

    private void Read(int index, int pause)
    {
        byte[] buffer = new byte[PerRead];
        try
        {
            while (!_isStopping)
            {
                int read = _sockets[index].Receive(buffer);
                if (read == 0) throw new IOException("the server ended the connection");
                long at = _octets[index];
                for (int i = 0; i < read; i++)
                    if (buffer[i] != (byte)((at + i) % 251)) throw new InvalidDataException($"octet {at + i} is wrong");
                Volatile.Write(ref _octets[index], at + read);
                if (pause > 0) Thread.Sleep(pause);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException or ObjectDisposedException)
        {
            if (!_isStopping) _failures[index] = e.Message;
        }
    }

    private static string ReadLine(Socket socket)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (socket.Receive(one) == 1 && one[0] != '\n') line.Append((char)one[0]);
        return line.ToString();
    }
}
