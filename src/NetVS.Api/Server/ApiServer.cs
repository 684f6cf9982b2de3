using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NetVS.Control;

namespace NetVS.Api.Server;

/// <summary>The daemon's HTTP API on its unix socket; docs/openapi.yaml describes it.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ApiServer(WebApplication application) => _application = application;

    /// <summary>Begins to serve.</summary>
    /// <param name="socket">The socket; stays the caller's.</param>
    /// <param name="control">The daemon's brain.</param>
    /// <param name="stop">Is called when a client asks the daemon to stop.</param>
    /// <param name="logging">Where the server's own warnings go; null for nowhere.</param>
    public static async Task<ApiServer> StartAsync(
        ControlSocket socket, DirectorControl control, StopRequest stop, Action<ILoggingBuilder>? logging = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (logging is not null) logging(builder.Logging);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseSockets(options => options.CreateBoundListenSocket = _ => socket.Socket);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = ApiExchange.MaxCommand;
            options.Limits.MaxConcurrentConnections = 256;
            options.ListenUnixSocket(socket.Path);
        });
        WebApplication application = builder.Build();
        application.Use(next => context => ApiExchange.GuardAsync(context, next));
        application.UseRouting();
        foreach (ApiRoute route in ApiRoutes.Of(control, stop)) application.MapMethods(route.Path, [route.Method], route.Handler);
        await application.StartAsync();
        return new ApiServer(application);
    }

    /// <summary>Answers the requests that are under way, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }
}
