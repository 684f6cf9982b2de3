using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace NetVS.Health.Tests.Probes;

/// <summary>A web server that speaks what it is told to, and keeps what it was asked.</summary>
internal sealed class WebPeer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private WebPeer(WebApplication application) => _application = application;

    /// <summary>What it was asked.</summary>
    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint
    {
        get
        {
            var address = new Uri(_application.Urls.Single());
            return new IPEndPoint(IPAddress.Parse(address.Host), address.Port);
        }
    }

    /// <summary>Starts one.</summary>
    public static async Task<WebPeer> StartAsync(HttpProtocols protocols, X509Certificate2? certificate, RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(o => o.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = protocols;
            if (certificate is null) return;
            l.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate, ClientCertificateMode = ClientCertificateMode.AllowCertificate, ClientCertificateValidation = (_, _, _) => true,
            });
        }));
        var peer = new WebPeer(builder.Build());
        peer._application.Run(context =>
        {
            peer.Requests.Enqueue(Request.Of(context));
            return answer(context);
        });
        await peer._application.StartAsync(Peers.Cancellation);
        return peer;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    /// <summary>One request.</summary>
    public sealed record Request(string Protocol, string Agreed, string Scheme, string Host, string Target, string Headers, string? ClientCertificate, string From)
    {
        public static Request Of(HttpContext context) => new(
            context.Request.Protocol,
            context.Features.Get<ITlsHandshakeFeature>() is null ? "" : System.Text.Encoding.ASCII.GetString(context.Features.GetRequiredFeature<ITlsApplicationProtocolFeature>().ApplicationProtocol.Span),
            context.Request.Scheme,
            context.Request.Host.Value ?? "",
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            string.Join('|', context.Request.Headers.OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {h.Value}")),
            context.Connection.ClientCertificate?.Subject,
            context.Connection.RemoteIpAddress?.ToString() ?? "");
    }
}
