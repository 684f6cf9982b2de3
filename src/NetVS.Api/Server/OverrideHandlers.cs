using Microsoft.AspNetCore.Http;
using NetVS.Api.Contract;
using NetVS.Control;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Api.Server;

/// <summary>What operators want of single real servers, whatever the rules say.</summary>
internal sealed class OverrideHandlers(DirectorControl control)
{
    public Task List(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new OverrideList([.. control.ListOverrides().Select(OverrideReport.Of)]), ApiJson.Default.OverrideList);

    public async Task Set(HttpContext context)
    {
        OverrideBody body = await ApiExchange.ReadAsync(context, ApiJson.Default.OverrideBody);
        if (body.Drain && body.Weight != 0) throw new BodyException("weight: a drain's weight is 0");
        if (!body.Drain && (body.ReleasePersistence || body.DeadlineSeconds is not null))
            throw new BodyException("drain: a deadline and the release of persistence belong to a drain");
        if (body.DeadlineSeconds is not null and not (>= 0 and <= 1e9)) throw new BodyException("deadline_seconds: is a number from 0 on");
        TimeSpan? deadline = body.DeadlineSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        RuleResult result = body.Drain
            ? control.Drain(RuleHandlers.Key(context), RuleHandlers.Real(context), body.ReleasePersistence, deadline)
            : control.OverrideWeight(RuleHandlers.Key(context), RuleHandlers.Real(context), body.Weight);
        await ApiExchange.FinishAsync(context, result, IpvsadmVerb.EditServer);
    }

    public Task Remove(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        RuleResult result = control.RemoveOverride(RuleHandlers.Key(context), RuleHandlers.Real(context));
        if (result.Status == RuleStatus.ENOENT) result = new RuleResult(RuleStatus.ENOENT, "the real server is as its rule says");
        return ApiExchange.FinishAsync(context, result, IpvsadmVerb.EditServer);
    }
}
