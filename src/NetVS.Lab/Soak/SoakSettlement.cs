using System.Diagnostics;
using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;

namespace NetVS.Lab.Soak;

/// <summary>The end: no client talks any more, so every connection must expire when its timeout has passed, and nothing may be left of it.</summary>
/// <remarks>
/// A connection is stuck when it is there longer than its state allows after the last packet. Where the time to wait is shorter than the longest timeout, those that are left
/// must be within theirs; they are then ended by deleting the rules.
/// </remarks>
/// <param name="director">The director.</param>
/// <param name="checks">Takes the checks.</param>
/// <param name="limit">How long to wait at most.</param>
internal sealed class SoakSettlement(DirectorHost director, CheckList checks, TimeSpan limit)
{
    // A second more than a listing rounds to, a templates's turns of a minute while connections refer to it, and slack of the wheel and the flow table.
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(3), s_templates = TimeSpan.FromSeconds(66), s_udp = TimeSpan.FromSeconds(25);

    private static readonly Dictionary<string, int> s_seconds = new()
    {
        ["ESTABLISHED"] = 60, ["SYN_RECV"] = 60, ["FIN_WAIT"] = 12, ["TIME_WAIT"] = 120, ["CLOSE"] = 10, ["CLOSE_WAIT"] = 60, ["LAST_ACK"] = 30, ["SYN_SENT"] = 120, ["SYNACK"] = 120, ["LISTEN"] = 120,
    };

    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Waits, and checks.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var stuck = new HashSet<string>();
        SoakState state;
        IReadOnlyList<ListedConnection> listed;
        while (true)
        {
            state = await SoakState.AskAsync(director);
            listed = await ListedConnection.ListAsync(director);
            TimeSpan since = Stopwatch.GetElapsedTime(_began);
            foreach (ListedConnection connection in listed.Where(c => since + c.Expires > Longest(c) + s_slack)) stuck.Add(connection.ToString());
            if (IsEmpty(state, listed) || since > limit) break;
            await Task.Delay(1000, cancellation);
        }

        checks.Expect(stuck.Count == 0, "no connection lives longer than its state allows");
        foreach (string one in stuck.Take(10)) checks.Say($"             {one}");
        if (listed.Count > 0 && limit < s_templates + TimeSpan.FromSeconds(s_seconds.Values.Max()))
        {
            checks.Say($"  {listed.Count} connections are within their timeouts: {string.Join(", ", listed.GroupBy(c => c.State).Select(g => $"{g.Count()} {g.Key}"))}; the rules are deleted");
            await director.AdministrateAsync("-C", checks.Say);
            (state, listed) = await AwaitEmptyAsync(cancellation);
        }

        checks.Say(string.Create(CultureInfo.InvariantCulture, $"  {Stopwatch.GetElapsedTime(_began).TotalSeconds:0} s after the last packet:"));
        checks.Expect(listed.Count == 0 && state.Connections == 0, "the connection table is empty", $"{state.Connections} connections, {listed.Count} listed");
        foreach (ListedConnection connection in listed.Take(10)) checks.Say($"             {connection}");
        checks.Expect(state.Flows == 0, "the flow table is empty", $"{state.Flows} lines are in force");
        SoakState.Server[] counting = [.. state.Services.Values.SelectMany(s => s.Servers).Where(s => s.Active != 0 || s.Inactive != 0 || s.Persistent != 0)];
        checks.Expect(counting.Length == 0, "no server has active, inactive or persistent connections");
        foreach (SoakState.Server server in counting) checks.Say($"             {server.Real}: {server.Active} active, {server.Inactive} inactive, {server.Persistent} persistent");
    }

    private async Task<(SoakState State, IReadOnlyList<ListedConnection> Listed)> AwaitEmptyAsync(CancellationToken cancellation)
    {
        for (int i = 0; ; i++)
        {
            SoakState state = await SoakState.AskAsync(director);
            IReadOnlyList<ListedConnection> listed = await ListedConnection.ListAsync(director);
            if (IsEmpty(state, listed) || i == 20) return (state, listed);
            await Task.Delay(500, cancellation);
        }
    }

    private static bool IsEmpty(SoakState state, IReadOnlyList<ListedConnection> listed) =>
        listed.Count == 0 && state.Connections == 0 && state.Flows == 0 && state.Services.Values.All(s => s.Servers.All(v => v is { Active: 0, Inactive: 0, Persistent: 0 }));

    private static TimeSpan Longest(ListedConnection connection) =>
        connection.IsTemplate ? TimeSpan.FromSeconds(120) + s_templates : s_seconds.TryGetValue(connection.State, out int seconds) ? TimeSpan.FromSeconds(seconds) : s_udp;
}
