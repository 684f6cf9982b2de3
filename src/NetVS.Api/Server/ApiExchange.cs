using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NetVS.Api.Contract;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Api.Server;

/// <summary>Bodies in, bodies and problems out. A request that is refused has changed nothing.</summary>
internal static class ApiExchange
{
    /// <summary>The longest body of a command, in octets.</summary>
    public const int MaxCommand = 64 << 10;

    /// <summary>The longest body that carries a rules file, in octets.</summary>
    public const int MaxRules = 32 << 20;

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiException">It is no such JSON, or too long.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, int most = MaxCommand)
    {
        if (context.Request.ContentType is { } given && !given.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
            throw Problem(StatusCodes.Status415UnsupportedMediaType, "EINVAL", $"the body must be application/json, not {given}");
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = most;
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
                ?? throw Problem(StatusCodes.Status400BadRequest, "EINVAL", "the body must be a JSON object, not null");
        }
        catch (JsonException bad)
        {
            throw Problem(StatusCodes.Status400BadRequest, "EINVAL", $"the body is not as documented: {bad.Message}");
        }
        catch (BadHttpRequestException bad) when (bad.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw Problem(StatusCodes.Status413PayloadTooLarge, "EMSGSIZE", $"the body is longer than {most} octets");
        }
    }

    /// <summary>Refuses a body where none belongs.</summary>
    public static void ExpectNoBody(HttpContext context)
    {
        if (context.Request.ContentLength is > 0)
            throw Problem(StatusCodes.Status400BadRequest, "EINVAL", "this request takes no body");
    }

    /// <summary>Answers with a body.</summary>
    public static async Task WriteAsync<T>(HttpContext context, int code, T body, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = code < 400 ? "application/json" : "application/problem+json";
        await JsonSerializer.SerializeAsync(context.Response.Body, body, type, context.RequestAborted);
    }

    /// <summary>Answers a command: 204, or the problem. Where the director says nothing but the errno, ipvsadm's text says it.</summary>
    public static Task FinishAsync(
        HttpContext context, RuleResult result, IpvsadmVerb verb, int code = StatusCodes.Status204NoContent)
    {
        if (!result.IsOk)
            throw Problem(CodeOf(result.Status), result.Status.ToString(), result.Detail ?? IpvsadmMessages.Format(verb, result));
        context.Response.StatusCode = code;
        return Task.CompletedTask;
    }

    /// <summary>A problem to throw.</summary>
    public static ApiException Problem(int code, string status, string? detail) => new(code, new ProblemBody(status, detail));

    /// <summary>The HTTP status of an errno.</summary>
    public static int CodeOf(RuleStatus status) => status switch
    {
        RuleStatus.EPERM => StatusCodes.Status403Forbidden,
        RuleStatus.ENOENT or RuleStatus.ESRCH or RuleStatus.ENODEV => StatusCodes.Status404NotFound,
        RuleStatus.EEXIST => StatusCodes.Status409Conflict,
        RuleStatus.EOPNOTSUPP => StatusCodes.Status501NotImplemented,
        RuleStatus.ENOMEM => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    /// <summary>Runs a handler and turns its exceptions into problems.</summary>
    public static async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed })
            {
                int code = context.Response.StatusCode;
                string what = code == StatusCodes.Status404NotFound ? "there is no resource" : $"{context.Request.Method} is not for";
                await WriteAsync(context, code, new ProblemBody("ENOSYS", $"{what} {context.Request.Path}"), ApiJson.Default.ProblemBody);
            }
        }
        catch (ApiException refused)
        {
            await WriteAsync(context, refused.Code, refused.Problem, ApiJson.Default.ProblemBody);
        }
        catch (BodyException bad)
        {
            await WriteAsync(context, StatusCodes.Status400BadRequest, new ProblemBody("EINVAL", bad.Message), ApiJson.Default.ProblemBody);
        }
    }
}
