using System.Globalization;
using NetVS.Api.Client;
using NetVS.Api.Contract;

namespace NetVS.Commands;

/// <summary><c>netvs why</c>: why something is as it is.</summary>
internal static class WhyCommand
{
    private const string Usage =
        "usage: netvs why server RIP[:PORT] [--socket PATH]\n\n" +
        "Why a real server gets connections, or gets none: its checks and their history, its weight, its place in every service.\n" +
        "Exit status 1 if no service and no check knows it.\n\n" + ClientCommand.SocketUsage;

    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("why a real server gets connections, or none", Usage, args =>
        ClientCommand.RunAsync(args, Usage, [], (2, 2), AskAsync));

    private static async Task<int> AskAsync(OptionReader options, ApiClient client)
    {
        if (options.Operands[0] != "server") return ClientCommand.Fail($"why what? there is 'netvs why server RIP[:PORT]', not '{options.Operands[0]}'", 2);
        string server = options.Operands[1];
        ApiAnswer<HealthReport> health = await client.GetAsync($"v1/health?server={Uri.EscapeDataString(server)}", ApiJson.Default.HealthReport);
        if (!health.IsOk) return ClientCommand.Fail(health.Problem);
        ApiAnswer<ServiceList> services = await client.GetAsync("v1/services", ApiJson.Default.ServiceList);
        if (!services.IsOk) return ClientCommand.Fail(services.Problem);
        string text = Format(server, health.Value, services.Value);
        if (text.Length == 0) return ClientCommand.Fail($"no service and no check knows {server}", 1);
        Console.Write(text);
        return 0;
    }

    /// <summary>The answer for people; empty if nothing knows the server.</summary>
    internal static string Format(string server, HealthReport health, ServiceList services)
    {
        var text = new System.Text.StringBuilder();
        foreach (VirtualServerHealthReport v in health.VirtualServers)
        {
            foreach (RealServerHealthReport r in v.RealServers)
            {
                text.Append(CultureInfo.InvariantCulture, $"{r.Address} in {v.Name}\n  {Explain(v, r)}\n");
                if (r.Checks.Length == 0) text.Append("  no check: always up\n");
                foreach (CheckHealthReport c in r.Checks) AppendCheck(text, c);
            }
        }

        foreach (ServiceReport s in services.Services)
        {
            foreach (DestinationReport d in s.Destinations.Where(d => RuleRequests.IsMeant(d.Real, server)))
            {
                string say = d.Overloaded ? "overloaded: no new connections until its number of connections falls"
                    : d.Weight == 0 ? "weight 0: no new connections" : "takes connections";
                if (d.Override is { } o) say += $"; set by hand: {ServerOverrides.Explain(o)}, where its rule says weight {d.ConfiguredWeight} ('netvs server restore' ends that)";
                text.Append(CultureInfo.InvariantCulture, $"{d.Real} in the rules of {s.Service}\n  weight {d.Weight}, {d.ActiveConnections} active and {d.InactiveConnections} inactive connections: {say}\n");
            }
        }

        return text.ToString();
    }

    private static string Explain(VirtualServerHealthReport v, RealServerHealthReport r)
    {
        string since = $"for {r.SecondsInState.ToString("0", CultureInfo.InvariantCulture)} s";
        if (!r.Up) return $"down {since}: it gets no connections";
        if (v.SorryServerInUse) return $"up {since}, but its virtual server has no quorum (weight {v.AliveWeight} of {v.Quorum} is alive): the sorry server {v.SorryServer} has the connections";
        return r.Weight == 0 ? $"up {since} with weight 0: it gets no new connections" : $"up {since} with weight {r.Weight}";
    }

    private static void AppendCheck(System.Text.StringBuilder text, CheckHealthReport c)
    {
        string state = c.Suspended ? "suspended: the virtual server's address is not on this host" : c.Up ? "up" : "down";
        string last = c.SecondsSinceLast is { } ago
            ? string.Create(CultureInfo.InvariantCulture, $"asked {ago:0.0} s ago, {c.LatencyMilliseconds:0.0} ms{(c.LastError.Length > 0 ? ": " + c.LastError : "")}")
            : "not asked yet";
        text.Append(CultureInfo.InvariantCulture, $"  {c.Kind} of {c.Target}: {state}; {last}{(c.Retrying > 0 ? $" ({c.Retrying} failures that do not count yet)" : "")}\n");
        foreach (CheckChangeReport h in c.History) text.Append(CultureInfo.InvariantCulture, $"    {h.At} {(h.Up ? "up" : "down: " + h.Reason)}\n");
    }
}
