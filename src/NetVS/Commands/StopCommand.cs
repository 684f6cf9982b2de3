using NetVS.Api.Client;

namespace NetVS.Commands;

/// <summary><c>netvs stop</c>.</summary>
internal static class StopCommand
{
    private const string Usage =
        "usage: netvs stop [--keep-forwarding] [--socket PATH]\n\n" +
        "Ends the daemon: it detaches from every interface, and its connections are gone. Returns when it has ended.\n\n" +
        "      --keep-forwarding   the kernel goes on forwarding the established connections of the fast path; the next\n" +
        "                          'netvs run' with the same socket takes them over, with the rules as they are now\n" +
        ClientCommand.SocketUsage;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("end the daemon", Usage, args =>
        ClientCommand.RunAsync(args, Usage, ["--keep-forwarding"], (0, 0), AskAsync));

    private static async Task<int> AskAsync(OptionReader options, ApiClient client)
    {
        string path = options["--keep-forwarding"] is null ? "v1/stop" : "v1/stop?keep_forwarding=true";
        if (await client.SendAsync(HttpMethod.Post, path) is { } problem) return ClientCommand.Fail(problem);

        // The lock file goes last, after everything is detached.
        DateTime deadline = DateTime.UtcNow + s_patience;
        while (File.Exists(client.SocketPath + ".lock"))
        {
            if (DateTime.UtcNow > deadline) return ClientCommand.Fail($"the daemon has not ended within {s_patience.TotalSeconds} s: see its log", 1);
            await Task.Delay(20);
        }

        return 0;
    }
}
