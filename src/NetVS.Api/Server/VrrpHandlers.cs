using Microsoft.AspNetCore.Http;
using NetVS.Api.Contract;
using NetVS.Control;
using NetVS.Control.Status;

namespace NetVS.Api.Server;

/// <summary>How the VRRP instances are.</summary>
internal sealed class VrrpHandlers(DirectorControl control)
{
    /// <summary>All instances, or one.</summary>
    public Task GetVrrp(HttpContext context)
    {
        string? name = context.Request.Query["instance"];
        VrrpReport report = ToReport(control.Configuration?.ReadVrrp() ?? VrrpStatus.Empty);
        if (name is not null) report = report with { Instances = [.. report.Instances.Where(i => i.Name == name)] };
        return ApiExchange.WriteAsync(context, StatusCodes.Status200OK, report, ApiJson.Default.VrrpReport);
    }

    /// <summary>As a body.</summary>
    public static VrrpReport ToReport(VrrpStatus status) => new([.. status.Instances.Select(ToReport)], status.UnknownIds, status.Malformed, status.SendFailures);

    private static VrrpInstanceReport ToReport(VrrpInstanceStatus i) => new(
        i.Name, i.State, Seconds(i.InState), i.Explanation, i.Interface, i.RouterId, i.Version, i.Group, i.Priority, i.BasePriority,
        [.. i.PriorityParts.Select(p => new VrrpPriorityPartReport(p.Name, p.State, p.Weight, p.Contribution, p.IsFault))],
        Seconds(i.AdvertInterval), i.Source, [.. i.Peers], [.. i.Addresses], i.Master, i.MasterPriority, i.UntilMaster is { } left ? Seconds(left) : null,
        i.OtherMaster is { } other ? new VrrpOtherMasterReport(other, i.OtherMasterAdverts, Seconds(i.SinceOtherMaster ?? TimeSpan.Zero)) : null,
        i.LateAdverts, Math.Round(i.LongestDelay.TotalMilliseconds, 3), new SortedDictionary<string, long>(i.Counters.ToDictionary(), StringComparer.Ordinal),
        new SortedDictionary<string, long>(i.Refused.ToDictionary(), StringComparer.Ordinal));

    private static double Seconds(TimeSpan span) => Math.Round(Math.Max(span.TotalSeconds, 0), 3);
}
