using System.Globalization;

namespace NetVS.Lab.Peers;

/// <summary>The soak's client: many requests to many services, told by standard input when to begin, to pause and to end.</summary>
/// <remarks>
/// In: <c>service NAME tcp|udp ADDRESS PORT KIND</c> for each, then <c>go RATE SEED PATIENCE</c> (requests a second, milliseconds); <c>resume</c>,
/// which begins it too, <c>pause</c>, <c>tally</c>, <c>stop</c>. Out: <c>ready</c>; <c>lost</c> and <c>wrong</c> lines as they happen; after <c>pause</c>, <c>tally</c> and
/// <c>stop</c> a <c>tally</c> line for each service and <c>done</c>, which after <c>pause</c> and <c>stop</c> comes when no request is under way.
/// </remarks>
public static class SoakClient
{
    private static readonly Lock s_output = new();

    /// <summary>Runs until it is told to stop, or its standard input ends.</summary>
    public static async Task RunAsync()
    {
        var targets = new List<SoakTarget>();
        Print("ready");
        string[] go = [];
        while (go.Length == 0 && await ReadAsync() is { } line)
        {
            if (line is ["service", .. string[] words]) targets.Add(SoakTarget.Read(words));
            else if (line is ["go", _, _, _]) go = line;
            else throw new FormatException($"'{string.Join(' ', line)}' is not understood");
        }

        if (go.Length == 0) return;
        var requests = new SoakRequests(TimeSpan.FromMilliseconds(Number(go[3])), Print);
        var pace = new SoakPace(targets, requests, Number(go[1]), Number(go[2]));
        Task running = pace.RunAsync();
        while (await ReadAsync() is [var word])
        {
            if (word == "resume")
            {
                pace.Resume();
                continue;
            }

            if (word is "pause" or "stop") await pace.PauseAsync();
            if (word == "stop") targets.ForEach(SoakRequests.CloseAll);
            foreach (SoakTarget target in targets) Print($"tally {target.Tally()}");
            Print("done");
            if (word == "stop") break;
        }

        pace.End();
        await running;
    }

    private static async Task<string[]?> ReadAsync() => (await Console.In.ReadLineAsync())?.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static void Print(string line)
    {
        lock (s_output) Console.WriteLine(line);
    }
}
