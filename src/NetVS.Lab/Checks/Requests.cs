using System.Globalization;
using NetVS.Lab.Hosts;
using NetVS.Packets;

namespace NetVS.Lab.Checks;

/// <summary>Asks the virtual service with curl from the client, as a user would.</summary>
internal static class Requests
{
    /// <summary>One answered request.</summary>
    /// <param name="Server">Who answered; empty when nobody did.</param>
    /// <param name="Saw">Whom the server saw as its peer.</param>
    /// <param name="ClientPort">The client's port, which names the connection in the captures.</param>
    internal readonly record struct Answer(string Server, IpEndpoint Saw, ushort ClientPort);

    /// <summary>Asks several times and prints who answered.</summary>
    public static async Task<IReadOnlyList<Answer>> AskAsync(LabHost client, IpEndpoint target, int times, Action<string> print)
    {
        print($"  {client.Name}$ for i in $(seq {times}); do curl http://{target}/; done");
        var answers = new List<Answer>();
        for (int i = 0; i < times; i++)
        {
            Answer answer = await AskAsync(client, target);
            answers.Add(answer);
            print(answer.Server.Length == 0 ? "    no answer" : $"    {answer.Server} saw {answer.Saw}");
        }

        return answers;
    }

    private static async Task<Answer> AskAsync(LabHost client, IpEndpoint target)
    {
        Shell.Outcome outcome = await client.TryRunAsync("curl",
            ["-s", "-S", "-g", "--noproxy", "*", "--max-time", "8", "-w", "%{local_port}", $"http://{target}/"]);
        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (!outcome.IsOk || lines.Length != 2 || lines[0].Split(' ') is not [string server, "saw", string saw])
            return new Answer("", default, 0);
        int colon = saw.LastIndexOf(':');
        _ = IpAddress.TryParse(saw.AsSpan(0, colon).Trim("[]"), out IpAddress address);
        return new Answer(server, new IpEndpoint(address, ushort.Parse(saw.AsSpan(colon + 1), CultureInfo.InvariantCulture)),
            ushort.Parse(lines[1], CultureInfo.InvariantCulture));
    }
}
