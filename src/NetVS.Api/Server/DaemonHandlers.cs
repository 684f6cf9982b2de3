using System.Globalization;
using Microsoft.AspNetCore.Http;
using NetVS.Api.Contract;
using NetVS.Control;
using NetVS.Control.Configuration;
using NetVS.Control.Rules;
using NetVS.Control.Status;
using NetVS.Director;
using NetVS.Director.Connections;
using NetVS.Director.Helpers;
using NetVS.Director.Offload;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Api.Server;

/// <summary>Everything but rules: status, connections, timeouts, settings, reload, stop.</summary>
internal sealed class DaemonHandlers(DirectorControl control, StopRequest stop)
{
    private const int DefaultPage = 1000;
    private const int MaxPage = 10_000;

    public Task GetVersion(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new VersionReport(DirectorControl.Version, control.ListingTitle), ApiJson.Default.VersionReport);

    public Task GetStatus(HttpContext context)
    {
        DaemonStatus s = control.ReadStatus();
        var report = new StatusReport(
            s.Version, s.ProcessId, Math.Round(s.Uptime.TotalSeconds, 3), s.Workers, s.Connections, s.MaxConnections, s.Services, s.Destinations,
            s.RulesFile, StatisticsBody.Of(s.Totals), ToBody(s.Timeouts),
            [
                .. s.Interfaces.Select(i => new InterfaceReport(
                    i.Name, i.Index, i.IsAttached, i.Link, i.Hook, i.Copy, i.Queues, i.Reason, Sorted(i.Counters))),
            ],
            [.. s.Drops.Select(ToReport)],
            [.. s.Events.Select(ToReport)],
            [.. s.Helpers.Select(ToReport)],
            Sorted(s.Divert),
            s.FastPath is { } f ? ToReport(f) : null,
            new SyncReport([.. s.SyncDaemons.Select(SyncMapping.ToBody)], Sorted(s.Sync), s.Peers is { } p ? SyncMapping.ToReport(p) : null),
            [.. s.Parts.Select(part => new PartReport(part.Name, [.. part.Lines]))],
            s.Health is { } h ? HealthHandlers.ToReport(h, server: null) : null,
            s.Vrrp is { } v ? VrrpHandlers.ToReport(v) : null);
        return ApiExchange.WriteAsync(context, StatusCodes.Status200OK, report, ApiJson.Default.StatusReport);
    }

    private static FastPathReport ToReport(OffloadStatus s) => new(
        s.LinesV4, s.CapacityV4, s.LinesV6, s.CapacityV6, s.Installs, s.Removals, s.RefusedFull, s.RefusedTwin, s.Unsuitable, s.Rewrites, s.Reports,
        s.StaleReports, s.Resyncs, s.Adoptions);

    /// <summary>A page of connections. The cursor names a worker and a place in its table; connections that come and go meanwhile may be missed.</summary>
    public async Task ListConnections(HttpContext context)
    {
        int limit = DefaultPage;
        if (context.Request.Query.TryGetValue("limit", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxPage))
            throw new BodyException($"limit: '{text}' is no number from 1 to {MaxPage}");
        (int worker, long cursor) = ParseCursor(context.Request.Query["cursor"]);
        var found = new List<ConnectionView>();
        while (worker < control.Connections.WorkerCount && found.Count < limit)
        {
            ConnectionPage page = await control.Connections.ReadAsync(worker, cursor, limit);
            found.AddRange(page.Connections);
            (worker, cursor) = page.Next < 0 ? (worker + 1, 0) : (worker, page.Next);
        }

        string? next = worker < control.Connections.WorkerCount ? $"{worker}:{cursor}" : null;
        await ApiExchange.WriteAsync(
            context, StatusCodes.Status200OK, new ConnectionList([.. found.Select(ToReport)], next), ApiJson.Default.ConnectionList);
    }

    public Task GetTimeouts(HttpContext context) =>
        ApiExchange.WriteAsync(context, StatusCodes.Status200OK, ToBody(control.Timeouts), ApiJson.Default.TimeoutsBody);

    public async Task SetTimeouts(HttpContext context)
    {
        TimeoutsBody body = await ApiExchange.ReadAsync(context, ApiJson.Default.TimeoutsBody);
        await ApiExchange.FinishAsync(context, control.SetTimeouts(new DirectorTimeouts(body.Tcp, body.TcpFin, body.Udp)), IpvsadmVerb.SetTimeouts);
    }

    public Task GetStatistics(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, StatisticsBody.Of(control.Totals), ApiJson.Default.StatisticsBody);

    public Task ListDrops(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new DropList([.. control.ReadDrops(all: true).Select(ToReport)]), ApiJson.Default.DropList);

    public Task ListHelpers(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK,
        new HelperList([.. control.Helpers.Select(ToReport)]), ApiJson.Default.HelperList);

    public Task ListEvents(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new EventList([.. control.ReadEvents(all: true).Select(ToReport)]), ApiJson.Default.EventList);

    public Task ListSettings(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new SettingList([.. DirectorSettings.Descriptions.Select(d => Read(d.Name))]), ApiJson.Default.SettingList);

    public Task GetSetting(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, Read((string)context.Request.RouteValues["name"]!), ApiJson.Default.SettingReport);

    public async Task SetSetting(HttpContext context)
    {
        string name = (string)context.Request.RouteValues["name"]!;
        Read(name);
        SettingBody body = await ApiExchange.ReadAsync(context, ApiJson.Default.SettingBody);
        if (control.Set(name, body.Value) is { } wrong)
            throw ApiExchange.Problem(StatusCodes.Status422UnprocessableEntity, nameof(RuleStatus.EINVAL), wrong);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task Plan(HttpContext context)
    {
        RulesBody body = await ApiExchange.ReadAsync(context, ApiJson.Default.RulesBody, ApiExchange.MaxRules);
        await WriteAsync(context, control.Plan(body.Text, body.File));
    }

    public Task Reload(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        return WriteAsync(context, control.Reload());
    }

    public Task Reconcile(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        ReconcileOutcome outcome = control.Reconcile(isApplied: !ReadFlag(context, "dry_run"));
        return WriteAsync(context, outcome.Rules, outcome.Lines);
    }

    public Task Stop(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        bool isKept = ReadFlag(context, "keep_forwarding");
        if (stop(isKept) is { } problem) throw ApiExchange.Problem(StatusCodes.Status409Conflict, "EOPNOTSUPP", problem);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    }

    private static bool ReadFlag(HttpContext context, string name)
    {
        bool value = false;
        if (context.Request.Query.TryGetValue(name, out var text) && !bool.TryParse(text, out value)) throw new BodyException($"{name}: '{text}' is neither true nor false");
        return value;
    }

    private static Task WriteAsync(HttpContext context, ReloadOutcome outcome) =>
        WriteAsync(context, outcome, [.. outcome.Steps.SelectMany(s => s.ToString().Split('\n'))]);

    private static Task WriteAsync(HttpContext context, ReloadOutcome outcome, IReadOnlyList<string> changes)
    {
        if (outcome.IsOk)
        {
            var plan = new PlanReport([.. changes]);
            return ApiExchange.WriteAsync(context, StatusCodes.Status200OK, plan, ApiJson.Default.PlanReport);
        }

        throw new ApiException(StatusCodes.Status422UnprocessableEntity, new ProblemBody(
            nameof(RuleStatus.EINVAL),
            "the file has problems; nothing was changed",
            [.. outcome.Problems.Select(p => new DiagnosticBody(p.File, p.Line, p.Column, p.Message))]));
    }

    private static (int Worker, long Cursor) ParseCursor(string? text)
    {
        if (string.IsNullOrEmpty(text)) return (0, 0);
        string[] parts = text.Split(':');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int worker)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long cursor))
            return (worker, cursor);
        throw new BodyException($"cursor: '{text}' was not given out by an earlier page");
    }

    private SettingReport Read(string name)
    {
        if (!control.Settings.TryGet(name, out string value, out string? error))
            throw ApiExchange.Problem(StatusCodes.Status404NotFound, nameof(RuleStatus.ENOENT), error);
        SettingDescription d = DirectorSettings.Descriptions.First(s => name == s.Name || name.EndsWith('.' + s.Name));
        return new SettingReport(d.Name, value, d.Default, d.Minimum, d.Maximum, d.Description);
    }

    private static TimeoutsBody ToBody(DirectorTimeouts t) => new() { Tcp = t.Tcp, TcpFin = t.TcpFin, Udp = t.Udp };

    private static DropReport ToReport(DropCount drop) => new(drop.Reason, drop.Packets, drop.Meaning);

    private static EventReport ToReport(EventCount counted) => new(counted.Event, counted.Count, counted.Meaning);

    private static HelperReport ToReport(HelperView h) => new(h.Name, h.Protocol.ToString().ToLowerInvariant(), h.Port, h.Connections);

    private static ConnectionReport ToReport(ConnectionView c) => new(
        c.Protocol == IpProtocol.HopByHop ? "ip" : c.Protocol.ToString().ToLowerInvariant(), c.Client.ToString(), c.Virtual.ToString(),
        c.Method == ForwardingMethod.FullNat ? c.Local.ToString() : null, c.Real.ToString(), RuleMapping.MethodName(c.Method), c.State,
        Math.Max(0, Math.Round(c.ExpiresIn.TotalSeconds, 3)), c.IsActive, c.EngineName, c.EngineData);

    private static SortedDictionary<string, long> Sorted(IReadOnlyDictionary<string, long> counters) =>
        new(counters.ToDictionary(c => c.Key, c => c.Value), StringComparer.Ordinal);
}
