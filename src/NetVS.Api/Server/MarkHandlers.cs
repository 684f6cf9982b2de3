using Microsoft.AspNetCore.Http;
using NetVS.Api.Contract;
using NetVS.Control;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Api.Server;

/// <summary>Mark rules.</summary>
internal sealed class MarkHandlers(DirectorControl control)
{
    public Task List(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new MarkList([.. control.Marks.Select(m => m.ToString())]), ApiJson.Default.MarkList);

    public async Task Add(HttpContext context)
    {
        MarkBody body = await ApiExchange.ReadAsync(context, ApiJson.Default.MarkBody);
        await ApiExchange.FinishAsync(context, control.AddMark(Parse(body.Rule), body.Position), IpvsadmVerb.SetTimeouts, StatusCodes.Status201Created);
    }

    public async Task Replace(HttpContext context)
    {
        MarkList body = await ApiExchange.ReadAsync(context, ApiJson.Default.MarkList, ApiExchange.MaxRules);
        var rules = new List<MarkRule>();
        foreach (string text in body.Marks)
        {
            MarkRule rule = Parse(text);
            if (rules.Exists(r => r.MatchesTheSameAs(rule))) throw new BodyException($"marks: two rules are for the same packets as '{text}'");
            rules.Add(rule);
        }

        await ApiExchange.FinishAsync(context, control.SetMarks(rules), IpvsadmVerb.SetTimeouts);
    }

    public Task Delete(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        if (context.Request.Query["rule"] is not [{ } rule]) throw new BodyException("rule: say which one, as in ?rule=tcp%20192.0.2.10%2080%207");
        return ApiExchange.FinishAsync(context, control.DeleteMark(Parse(rule)), IpvsadmVerb.SetTimeouts);
    }

    private static MarkRule Parse(string text) => MarkRule.TryParse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), out MarkRule? rule, out string? problem)
        ? rule : throw new BodyException(problem);
}
