using Microsoft.AspNetCore.Http;
using NetVS.Api.Contract;
using NetVS.Control;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Api.Server;

/// <summary>The synchronisation daemons.</summary>
internal sealed class SyncHandlers(DirectorControl control)
{
    public Task List(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new SyncDaemonList([.. control.ListSyncDaemons().Select(SyncMapping.ToBody)]), ApiJson.Default.SyncDaemonList);

    public async Task Start(HttpContext context)
    {
        SyncDaemonBody body = await ApiExchange.ReadAsync(context, ApiJson.Default.SyncDaemonBody);
        await ApiExchange.FinishAsync(context, control.StartSyncDaemon(SyncMapping.ToRule(body)), IpvsadmVerb.StartDaemon);
    }

    public Task Stop(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        bool isMaster = SyncMapping.IsMaster((string)context.Request.RouteValues["role"]!);
        return ApiExchange.FinishAsync(context, control.StopSyncDaemon(isMaster), IpvsadmVerb.StopDaemon);
    }
}
