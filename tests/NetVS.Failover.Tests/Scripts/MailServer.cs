using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NetVS.Failover.Tests.Scripts;

/// <summary>A mail server on this host's loopback that takes mails as it is told, and remembers what was said.</summary>
internal sealed class MailServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public MailServer() => _listener.Start();

    public ushort Port => (ushort)((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool IsAsked => _listener.Pending();

    /// <summary>Takes one mail.</summary>
    /// <param name="helo">The answer to HELO.</param>
    /// <returns>What the client said, line by line.</returns>
    public async Task<List<string>> TakeAsync(string helo = "250-director\r\n250 and more")
    {
        using TcpClient client = await _listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        var said = new List<string>();
        bool isData = false;
        await writer.WriteLineAsync("220 ready");
        while (await reader.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (isData && line != ".") continue;
            isData = line == "DATA";
            await writer.WriteLineAsync(line.StartsWith("HELO", StringComparison.Ordinal) ? helo : isData ? "354 go on" : line == "QUIT" ? "221 bye" : "250 well");
            if (line == "QUIT") break;
        }

        return said;
    }

    public void Dispose() => _listener.Dispose();
}
