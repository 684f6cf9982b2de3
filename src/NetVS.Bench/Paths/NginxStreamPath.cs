using System.Diagnostics;
using NetVS.Bench.Wires;
using NetVS.Packets;

namespace NetVS.Bench.Paths;

/// <summary>nginx's stream module: two connections for each, joined in user space.</summary>
internal sealed class NginxStreamPath : IForwardingPath
{
    /// <summary>Its name in tables.</summary>
    public const string Title = "nginx (stream)";

    private static readonly string[] s_modules =
        ["/usr/lib/nginx/modules/ngx_stream_module.so", "/usr/lib64/nginx/modules/ngx_stream_module.so", "/usr/share/nginx/modules/ngx_stream_module.so"];

    /// <inheritdoc/>
    public string Name => Title;

    /// <inheritdoc/>
    public Ipv4Address Target => BenchNetwork.Virtual;

    /// <inheritdoc/>
    public ushort WebPort => BenchNetwork.WebPort;

    /// <inheritdoc/>
    public SinkExpectation Expectation => throw new NotSupportedException("a TCP proxy carries no datagrams");

    /// <inheritdoc/>
    public RunningPath Begin(BenchNetwork network, PathLoad load)
    {
        string file = Path.Combine(network.Folder, "stream.conf");
        string? module = s_modules.FirstOrDefault(File.Exists);
        File.WriteAllText(file, $$"""
            {{(module is null ? "" : $"load_module {module};")}}
            daemon off;
            user root;
            worker_processes 2;
            pid {{network.Folder}}/stream.pid;
            error_log stderr crit;
            events { worker_connections 8192; }
            stream {
              proxy_buffer_size 64k;
              server { listen {{BenchNetwork.Virtual}}:{{BenchNetwork.WebPort}} reuseport backlog=8192; proxy_pass {{BenchNetwork.Real}}:{{BenchNetwork.RealWebPort}}; }
              server { listen {{BenchNetwork.Virtual}}:{{BenchNetwork.BulkPort}} reuseport backlog=8192; proxy_pass {{BenchNetwork.Real}}:{{BenchNetwork.BulkPort}}; }
            }

            """);
        try
        {
            Process process = Listener.Start(
                network.Director, "nginx", BenchNetwork.BulkPort, "nginx", "-p", network.Folder, "-c", file, "-e", "stderr");
            return new RunningPath(() => Tool.End(process)) { Process = process };
        }
        catch (BenchException refused) when (module is null && refused.Message.Contains("\"stream\"", StringComparison.Ordinal))
        {
            throw new BenchException("nginx has no stream module here: install it (Debian: libnginx-mod-stream)");
        }
    }
}
