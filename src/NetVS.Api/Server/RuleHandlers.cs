using Microsoft.AspNetCore.Http;
using NetVS.Api.Contract;
using NetVS.Control;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Api.Server;

/// <summary>Services, destinations, local addresses.</summary>
internal sealed class RuleHandlers(DirectorControl control)
{
    public Task ListServices(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new ServiceList([.. control.ListServices().Select(RuleMapping.ToReport)]), ApiJson.Default.ServiceList);

    public Task GetService(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, RuleMapping.ToReport(Find(context)), ApiJson.Default.ServiceReport);

    public async Task AddService(HttpContext context)
    {
        VirtualServiceRule rule = RuleMapping.ToRule(await ApiExchange.ReadAsync(context, ApiJson.Default.ServiceBody));
        await ChangeAsync(context, new RuleChange { Kind = RuleChangeKind.AddService, Service = rule.Key, Rule = rule }, StatusCodes.Status201Created);
    }

    public async Task EditService(HttpContext context)
    {
        ServiceKey key = Key(context);
        VirtualServiceRule rule = RuleMapping.ToRule(await ApiExchange.ReadAsync(context, ApiJson.Default.ServiceBody));
        if (rule.Key != key) throw new BodyException("service: differs from the one in the path");
        await ChangeAsync(context, new RuleChange { Kind = RuleChangeKind.EditService, Service = key, Rule = rule });
    }

    public Task DeleteService(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        return ChangeAsync(context, new RuleChange { Kind = RuleChangeKind.DeleteService, Service = Key(context) });
    }

    public Task Flush(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        control.Flush();
        return ApiExchange.FinishAsync(context, RuleResult.Ok, IpvsadmVerb.Flush);
    }

    public async Task AddDestination(HttpContext context)
    {
        ServiceKey key = Key(context);
        DestinationRule rule = RuleMapping.ToRule(await ApiExchange.ReadAsync(context, ApiJson.Default.DestinationBody));
        await ChangeServerAsync(
            context, new RuleChange { Kind = RuleChangeKind.AddDestination, Service = key, Destination = rule }, StatusCodes.Status201Created);
    }

    public Task ListKept(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new KeptList([.. control.ListKept().Select(KeptReport.Of)]), ApiJson.Default.KeptList);

    public async Task EditDestination(HttpContext context)
    {
        ServiceKey key = Key(context);
        IpEndpoint real = Real(context);
        DestinationRule rule = RuleMapping.ToRule(await ApiExchange.ReadAsync(context, ApiJson.Default.DestinationBody));
        if (rule.Real != real) throw new BodyException("real: differs from the one in the path");
        await ChangeAsync(context, new RuleChange { Kind = RuleChangeKind.EditDestination, Service = key, Destination = rule });
    }

    public Task DeleteDestination(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        return ChangeServerAsync(context, new RuleChange
        {
            Kind = RuleChangeKind.DeleteDestination, Service = Key(context), Destination = new DestinationRule { Real = Real(context) },
        });
    }

    public Task ListLocalAddresses(HttpContext context) => ApiExchange.WriteAsync(
        context, StatusCodes.Status200OK, new LocalAddressList(RuleMapping.ToReports(Find(context).LocalAddresses)), ApiJson.Default.LocalAddressList);

    public async Task AddLocalAddress(HttpContext context)
    {
        ServiceKey key = Key(context);
        LocalAddressBody body = await ApiExchange.ReadAsync(context, ApiJson.Default.LocalAddressBody);
        await ChangeAsync(
            context,
            new RuleChange { Kind = RuleChangeKind.AddLocalAddress, Service = key, LocalAddress = RuleMapping.ParseAddress(body.Address) },
            StatusCodes.Status201Created);
    }

    public Task DeleteLocalAddress(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        IpAddress address = RuleMapping.ParseAddress(Parameter(context, "address"));
        return ChangeAsync(
            context, new RuleChange { Kind = RuleChangeKind.DeleteLocalAddress, Service = Key(context), LocalAddress = address });
    }

    public Task ZeroService(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        return ApiExchange.FinishAsync(context, control.Zero(Key(context)), IpvsadmVerb.Zero);
    }

    public Task ZeroAll(HttpContext context)
    {
        ApiExchange.ExpectNoBody(context);
        return ApiExchange.FinishAsync(context, control.Zero(null), IpvsadmVerb.Zero);
    }

    private Task ChangeAsync(HttpContext context, RuleChange change, int code = StatusCodes.Status204NoContent) =>
        ApiExchange.FinishAsync(context, control.Change(change), change.Verb, code);

    // With keep=true it stays so, whatever is loaded and whatever checks find.
    private Task ChangeServerAsync(HttpContext context, RuleChange change, int code = StatusCodes.Status204NoContent) => (string?)context.Request.Query["keep"] switch
    {
        null or "false" => ChangeAsync(context, change, code),
        "true" => ApiExchange.FinishAsync(context, control.ChangeAndKeep(change), change.Verb, code),
        var text => throw new BodyException($"keep: '{text}' is neither true nor false"),
    };

    private ServiceView Find(HttpContext context) => control.FindService(Key(context))
        ?? throw ApiExchange.Problem(StatusCodes.Status404NotFound, nameof(RuleStatus.ESRCH), $"there is no service {Parameter(context, "service")}");

    private static string Parameter(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    /// <summary>The service that the path names.</summary>
    internal static ServiceKey Key(HttpContext context)
    {
        string text = Parameter(context, "service");
        return RuleText.TryParseKey(text, out ServiceKey key)
            ? key : throw new BodyException($"'{text}' is no service: write tcp:192.0.2.1:80, udp:[2001:db8::1]:53, fwm:7 or fwm6:7");
    }

    /// <summary>The real server that the path names.</summary>
    internal static IpEndpoint Real(HttpContext context) => RuleMapping.ParseReal(Parameter(context, "real"));
}
