using System.Diagnostics;
using System.Globalization;
using NetVS.Rules;
using NetVS.Api.Client;
using NetVS.Api.Contract;

namespace NetVS.Commands;

/// <summary><c>netvs server drain --watch</c>: tells how many connections are left.</summary>
internal static class DrainWatch
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    // Over how long the rate is taken by which the end is guessed.
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(30);

    /// <summary>Watches until no connection is left, or the drain is over or was ended by somebody.</summary>
    /// <returns>0 when the server is empty; 1 when the drain ended otherwise.</returns>
    public static async Task<int> RunAsync(ApiClient client, string server, string? service)
    {
        var samples = new Queue<(TimeSpan At, long Left)>();
        var clock = Stopwatch.StartNew();
        string? last = null;
        while (true)
        {
            ApiAnswer<(string Service, DestinationReport Real)[]> found = await ServerOverrides.FindAsync(client, server, service);
            if (!found.IsOk) return ClientCommand.Fail(found.Problem);
            DestinationReport[] draining = [.. found.Value.Select(f => f.Real).Where(d => d.Override is { Drain: true })];
            if (draining.Length < found.Value.Length) return ClientCommand.Fail($"{server} is no longer drained: somebody restored or changed it", 1);
            if (draining.Length == 0) return ClientCommand.Fail($"{server} is no longer among the rules: the connections it has live on", 1);
            long left = draining.Sum(d => d.ActiveConnections + d.InactiveConnections);
            samples.Enqueue((clock.Elapsed, left));
            while (samples.Count > 2 && clock.Elapsed - samples.Peek().At > s_window) samples.Dequeue();
            string line = Format(server, draining, Guess(samples, left));
            if (line != last) Console.Write(line + "\n");
            last = line;
            if (left == 0)
            {
                Console.Write($"{server}: empty\n");
                return 0;
            }

            await Task.Delay(s_interval);
        }
    }

    /// <summary>One line of the watch.</summary>
    internal static string Format(string server, DestinationReport[] draining, TimeSpan? guess)
    {
        long active = draining.Sum(d => d.ActiveConnections), inactive = draining.Sum(d => d.InactiveConnections), persistent = draining.Sum(d => d.PersistentConnections);
        string line = string.Create(CultureInfo.InvariantCulture, $"{server}: {active} active and {inactive} inactive connections left");
        if (persistent > 0) line += string.Create(CultureInfo.InvariantCulture, $", {persistent} persistent clients");
        double? deadline = draining.Max(d => d.Override!.SecondsLeft);
        if (draining.All(d => d.Override!.Over)) return line + "; ending them";
        if (guess is { } time && !(deadline < time.TotalSeconds)) return line + $"; at this rate done in {Duration.Format(time)}";
        return deadline is { } seconds ? line + $"; done in {Duration.Format(TimeSpan.FromSeconds(seconds))} at the latest" : line;
    }

    private static TimeSpan? Guess(Queue<(TimeSpan At, long Left)> samples, long left)
    {
        (TimeSpan at, long before) = samples.Peek();
        double seconds = (samples.Last().At - at).TotalSeconds;
        return before > left && seconds > 0 ? TimeSpan.FromSeconds(Math.Min(left * seconds / (before - left), 1e9)) : null;
    }
}
