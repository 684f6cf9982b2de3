using System.Net;

namespace NetVS.Lab.Peers;

/// <summary>What a real server of the soak serves: HTTP on some ports, datagrams on others.</summary>
public static class SoakServers
{
    /// <summary>Serves until cancelled, or until one of the servers cannot.</summary>
    /// <param name="name">Who it says it is.</param>
    /// <param name="tcp">TCP ports, on every address.</param>
    /// <param name="udp">UDP ports, on each of <paramref name="addresses"/>.</param>
    /// <param name="addresses">Addresses that answers must come from when they are asked.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(string name, IReadOnlyList<int> tcp, IReadOnlyList<int> udp, IReadOnlyList<IPAddress> addresses, CancellationToken cancellation)
    {
        List<Task> servers = [.. tcp.Select(port => LabServer.RunAsync(name, port, banner: null, cancellation))];
        foreach (IPAddress address in addresses) servers.AddRange(udp.Select(port => DatagramServer.RunAsync(name, new IPEndPoint(address, port), cancellation)));

        // One that cannot bind its port has ended by now.
        await Task.WhenAny([.. servers, Task.Delay(100, cancellation)]);
        foreach (Task server in servers.Where(s => s.IsCompleted)) await server;
        Console.WriteLine("all ports are served");
        await Task.WhenAll(servers);
    }
}
