using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace NetVS.Daemon;

/// <summary>Tells systemd how far the daemon is (sd_notify(3)); does nothing where there is no systemd.</summary>
internal static class ServiceNotifier
{
    /// <summary>The daemon forwards.</summary>
    public static void Ready() => Send("READY=1");

    /// <summary>The daemon loads its rules again; <see cref="Ready"/> follows.</summary>
    public static void Reloading() => Send($"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}");

    /// <summary>The daemon ends.</summary>
    public static void Stopping() => Send("STOPPING=1");

    /// <summary>The daemon lives: for the watchdog.</summary>
    public static void Alive() => Send("WATCHDOG=1");

    private static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path) return;
        if (path[0] == '@') path = '\0' + path[1..];
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            // The service manager does not listen: nobody to tell.
        }
    }
}
