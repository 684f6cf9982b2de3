using System.Globalization;
using System.Text;
using NetVS.Rules;
using NetVS.Api.Client;
using NetVS.Api.Contract;

namespace NetVS.Commands;

/// <summary><c>netvs status</c>.</summary>
internal static class StatusCommand
{
    private const string Usage =
        "usage: netvs status [--json] [--socket PATH]\n\n" +
        "The daemon at a glance: interfaces and how they are attached, rules, connections, traffic, helpers, drops by reason,\n" +
        "and events: what else happened to packets, connections and control connections that a helper reads.\n\n" +
        "      --json         everything, as JSON\n" + ClientCommand.SocketUsage;

    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("what the daemon does: interfaces, rules, traffic, drops", Usage, args =>
        ClientCommand.RunAsync(args, Usage, ["--json"], (0, 0), AskAsync));

    private static async Task<int> AskAsync(OptionReader options, ApiClient client)
    {
        ApiAnswer<StatusReport> answer = await client.GetAsync("v1/status", ApiJson.Default.StatusReport);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        if (options["--json"] is not null) return JsonOutput.Print(answer.Value, ApiJson.Default.StatusReport);
        Console.Write(Format(answer.Value));
        return 0;
    }

    /// <summary>The report for people.</summary>
    internal static string Format(StatusReport s)
    {
        var text = new StringBuilder();
        string uptime = Duration.Format(TimeSpan.FromSeconds(s.UptimeSeconds));
        Line(text, $"NetVS {s.Version}, process {s.ProcessId}, up {uptime}, {Count(s.Workers, "worker")}");
        Line(text, $"connections  {s.Connections} of at most {s.MaxConnections}");
        Line(text, $"rules        {Count(s.Services, "service")}, {Count(s.Destinations, "real server")}{(s.RulesFile is null ? "" : $", loaded from {s.RulesFile}")}");
        Line(text, $"timeouts     tcp {s.Timeouts.Tcp} s, tcpfin {s.Timeouts.TcpFin} s, udp {s.Timeouts.Udp} s");
        Line(text, $"traffic      {s.Totals.Connections} connections, in {s.Totals.InboundPackets} packets {s.Totals.InboundBytes} octets, out {s.Totals.OutboundPackets} packets {s.Totals.OutboundBytes} octets");
        Line(text, $"rates        {s.Totals.ConnectionsPerSecond} connections/s, in {s.Totals.InboundPacketsPerSecond} packets/s {s.Totals.InboundBytesPerSecond} octets/s, out {s.Totals.OutboundPacketsPerSecond} packets/s {s.Totals.OutboundBytesPerSecond} octets/s");
        Line(text, FastPath(s));
        foreach (HelperReport h in s.Helpers) Line(text, $"helper       {h.Name} at {h.Protocol} port {h.Port}, {Count(h.Connections, "control connection")}");
        foreach (SyncDaemonBody d in s.Sync.Daemons)
            Line(text, $"sync         {d.Role} on {d.Interface}, syncid {d.SyncId}, {d.Group} port {d.Port}, messages of at most {d.MaxLength} octets");
        if (s.Sync.Peers is { } peers) AppendPeers(text, peers);
        if (s.Sync.Counters.Count > 0) Line(text, $"             {string.Join(", ", s.Sync.Counters.Select(c => $"{c.Key} {c.Value}"))}");
        Line(text, "");
        Line(text, s.Interfaces.Length == 0 ? "interfaces   none" : "interfaces");
        foreach (InterfaceReport i in s.Interfaces)
        {
            string how = i.Link.Length == 0 ? "not attached" : $"{i.Link}, hook {i.Hook}, {i.Copy}{(i.Queues > 0 ? $", {Count(i.Queues, "queue")}" : "")}";
            Line(text, $"  {i.Name,-15} {how}{(i.Reason.Length > 0 ? $" ({i.Reason})" : "")}");
        }

        foreach (PartReport part in s.Parts)
        {
            Line(text, "");
            Line(text, part.Name);
            foreach (string line in part.Lines) Line(text, $"  {line}");
        }

        Line(text, "");
        Line(text, s.Drops.Length == 0 ? "drops        none" : "drops");
        foreach (DropReport drop in s.Drops.OrderByDescending(d => d.Packets)) Line(text, $"  {drop.Packets,12}  {drop.Reason,-24} {drop.Meaning}");
        Line(text, "");
        Line(text, s.Events.Length == 0 ? "events       none" : "events");
        foreach (EventReport e in s.Events.OrderByDescending(e => e.Count)) Line(text, $"  {e.Count,12}  {e.Event,-24} {e.Meaning}");
        return text.ToString();
    }

    private static void AppendPeers(StringBuilder text, PeersReport peers)
    {
        string listens = peers.Listening is { } where ? $"listening on {where}" : "telling nobody";
        Line(text, $"peers        {listens}{(peers.LastRefusal is { } refusal ? $"; refused last: {refusal}" : "")}");
        foreach (PeerReport p in peers.Channels)
        {
            string how = p.Direction == "heard" ? $"heard from {p.Peer}" : $"told to {p.Peer}";
            string progress = p.State switch
            {
                "transferring" => $"transferring {p.Transferred} of about {p.Expected}",
                "following" => $"following: {p.Transferred} records at {p.LastTransfer?[11..19]} UTC in {p.LastTransferSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s, {p.Changes} changes since",
                _ => p.State,
            };
            Line(text, $"  {how}: {progress}{(p.Transfers > 1 ? $", {p.Transfers} full transfers" : "")}{(p.LastError is { } error ? $" (last error: {error})" : "")}");
        }
    }

    private static string FastPath(StatusReport s)
    {
        if (s.FastPath is not { } f) return "fast path    off: every packet passes user space";
        string full = f.RefusedFull > 0 ? $", {f.RefusedFull} times without room" : "";
        string flows = f.FlowsV6 > 0 ? $"{f.FlowsV4} of {f.CapacityV4} IPv4 flows, {f.FlowsV6} of {f.CapacityV6} IPv6 flows" : $"{f.FlowsV4} of {f.CapacityV4} IPv4 flows";
        return $"fast path    {flows}, {s.Divert.GetValueOrDefault("flow_forwarded")} frames forwarded{full}";
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string Count(int number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");
}
