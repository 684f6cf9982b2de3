using System.Diagnostics;
using System.Globalization;

namespace NetVS.Bench.Wires;

/// <summary>A server process in one of the hosts.</summary>
internal static class Listener
{
    /// <summary>Starts it and waits until it listens on a TCP port.</summary>
    /// <exception cref="BenchException">It ended, or does not listen; with its own words.</exception>
    public static Process Start(BenchHost host, string name, int port, string program, params IEnumerable<string> arguments)
    {
        string administrators = "/usr/sbin/" + program;
        Process process = Tool.Start("nsenter", host.Enter(File.Exists(administrators) ? administrators : program, arguments));
        Task<string> errors = process.StandardError.ReadToEndAsync();

        // sl local_address rem_address st: any local address, this port, listening.
        string listening = ":" + port.ToString("X4", CultureInfo.InvariantCulture) + " 00000000:0000 0A";
        for (int attempt = 0; attempt < 100 && !process.HasExited; attempt++)
        {
            if (host.Run("cat", "/proc/net/tcp").Contains(listening, StringComparison.Ordinal)) return process;
            Thread.Sleep(50);
        }

        bool hasEnded = process.HasExited;
        Tool.End(process);
        throw new BenchException(hasEnded ? $"{name}: {errors.Result.Trim()}" : $"{name} does not listen on port {port}");
    }
}
