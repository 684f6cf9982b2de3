using NetVS.Control;

namespace NetVS.Api.Server;

/// <summary>All operations. Adding one is a line here, a handler, and a paragraph in docs/openapi.yaml.</summary>
internal static class ApiRoutes
{
    /// <summary>The table.</summary>
    /// <param name="control">The daemon's brain.</param>
    /// <param name="stop">Is called when a client asks the daemon to stop.</param>
    public static IReadOnlyList<ApiRoute> Of(DirectorControl control, StopRequest stop)
    {
        var rules = new RuleHandlers(control);
        var health = new HealthHandlers(control);
        var overrides = new OverrideHandlers(control);
        var marks = new MarkHandlers(control);
        var daemon = new DaemonHandlers(control, stop);
        var sync = new SyncHandlers(control);
        return
        [
            new("GET", "/v1/version", daemon.GetVersion),
            new("GET", "/v1/status", daemon.GetStatus),
            new("GET", "/v1/health", health.GetHealth),
            new("GET", "/v1/vrrp", new VrrpHandlers(control).GetVrrp),
            new("GET", "/v1/services", rules.ListServices),
            new("POST", "/v1/services", rules.AddService),
            new("DELETE", "/v1/services", rules.Flush),
            new("GET", "/v1/services/{service}", rules.GetService),
            new("PUT", "/v1/services/{service}", rules.EditService),
            new("DELETE", "/v1/services/{service}", rules.DeleteService),
            new("POST", "/v1/services/{service}/destinations", rules.AddDestination),
            new("PUT", "/v1/services/{service}/destinations/{real}", rules.EditDestination),
            new("DELETE", "/v1/services/{service}/destinations/{real}", rules.DeleteDestination),
            new("PUT", "/v1/services/{service}/destinations/{real}/override", overrides.Set),
            new("DELETE", "/v1/services/{service}/destinations/{real}/override", overrides.Remove),
            new("GET", "/v1/overrides", overrides.List),
            new("GET", "/v1/kept", rules.ListKept),
            new("GET", "/v1/services/{service}/local-addresses", rules.ListLocalAddresses),
            new("POST", "/v1/services/{service}/local-addresses", rules.AddLocalAddress),
            new("DELETE", "/v1/services/{service}/local-addresses/{address}", rules.DeleteLocalAddress),
            new("POST", "/v1/services/{service}/zero", rules.ZeroService),
            new("POST", "/v1/zero", rules.ZeroAll),
            new("GET", "/v1/marks", marks.List),
            new("POST", "/v1/marks", marks.Add),
            new("PUT", "/v1/marks", marks.Replace),
            new("DELETE", "/v1/marks", marks.Delete),
            new("GET", "/v1/connections", daemon.ListConnections),
            new("GET", "/v1/timeouts", daemon.GetTimeouts),
            new("PUT", "/v1/timeouts", daemon.SetTimeouts),
            new("GET", "/v1/statistics", daemon.GetStatistics),
            new("GET", "/v1/drops", daemon.ListDrops),
            new("GET", "/v1/events", daemon.ListEvents),
            new("GET", "/v1/helpers", daemon.ListHelpers),
            new("GET", "/v1/settings", daemon.ListSettings),
            new("GET", "/v1/settings/{name}", daemon.GetSetting),
            new("PUT", "/v1/settings/{name}", daemon.SetSetting),
            new("GET", "/v1/sync", sync.List),
            new("POST", "/v1/sync", sync.Start),
            new("DELETE", "/v1/sync/{role}", sync.Stop),
            new("POST", "/v1/plan", daemon.Plan),
            new("POST", "/v1/reload", daemon.Reload),
            new("POST", "/v1/reconcile", daemon.Reconcile),
            new("POST", "/v1/stop", daemon.Stop),
        ];
    }
}
