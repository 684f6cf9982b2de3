using System.Globalization;
using Microsoft.AspNetCore.Http;
using NetVS.Api.Contract;
using NetVS.Control;
using NetVS.Control.Status;

namespace NetVS.Api.Server;

/// <summary>How the real servers are.</summary>
internal sealed class HealthHandlers(DirectorControl control)
{
    /// <summary>All real servers, or those of one address, or address and port.</summary>
    public Task GetHealth(HttpContext context)
    {
        string? server = context.Request.Query["server"];
        HealthReport report = ToReport(control.Configuration?.ReadHealth() ?? new HealthStatus([]), server);
        return ApiExchange.WriteAsync(context, StatusCodes.Status200OK, report, ApiJson.Default.HealthReport);
    }

    /// <summary>As a body.</summary>
    public static HealthReport ToReport(HealthStatus status, string? server)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return new HealthReport([
            .. status.VirtualServers.Select(v => new VirtualServerHealthReport(
                v.Name, [.. v.Services], v.HasQuorum, v.Quorum, v.AliveWeight, v.SorryServer, v.IsSorryInUse,
                [.. v.RealServers.Where(r => IsMeant(r.Address, server)).Select(r => ToReport(r, now))])).Where(v => server is null || v.RealServers.Length > 0),
        ]);
    }

    private static bool IsMeant(string address, string? server) =>
        server is null || address == server || address[..address.LastIndexOf(':')].Trim('[', ']') == server.Trim('[', ']');

    private static RealServerHealthReport ToReport(RealServerHealth r, DateTimeOffset now) => new(
        r.Address, r.IsUp, r.Weight, Seconds(now - r.Since),
        [
            .. r.Checks.Select(c => new CheckHealthReport(
                c.Kind, c.Target, c.IsUp, c.IsSuspended, c.Retrying, c.LastError, c.LastRun is { } at ? Seconds(now - at) : null,
                Math.Round(c.Latency.TotalMilliseconds, 3), [.. c.Changes.Select(ToReport)])),
        ]);

    private static CheckChangeReport ToReport(CheckChange change) =>
        new(change.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), change.IsUp, change.Reason);

    private static double Seconds(TimeSpan span) => Math.Round(Math.Max(span.TotalSeconds, 0), 3);
}
