using System.Diagnostics;
using System.Globalization;
using NetVS.Bench.Wires;

namespace NetVS.Bench.Parts;

/// <summary>nginx on the server, which answers with a few octets.</summary>
internal static class WebServer
{
    /// <summary>Starts it and waits until it listens.</summary>
    public static Process Start(BenchNetwork network)
    {
        string folder = network.Folder;
        string file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off;
            user root;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log stderr crit;
            events { worker_connections 8192; }
            http {
              access_log off;
              keepalive_requests 10000000;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              server {
                listen {{BenchNetwork.RealWebPort.ToString(CultureInfo.InvariantCulture)}} backlog=8192;
                location / { return 200 "served\n"; }
              }
            }
            """);
        network.Server.TrySetSysctl("net.core.somaxconn", "8192");
        string nginx = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
        Process server = Tool.Start("nsenter", network.Server.Enter(nginx, "-p", folder, "-c", file, "-e", "stderr"));
        string listening = ":" + BenchNetwork.RealWebPort.ToString("X4", CultureInfo.InvariantCulture) + " 00000000:0000 0A";
        for (int attempt = 0; attempt < 100 && !server.HasExited; attempt++)
        {
            if (network.Server.Run("cat", "/proc/net/tcp").Contains(listening, StringComparison.Ordinal)) return server;
            Thread.Sleep(50);
        }

        string words = server.HasExited ? server.StandardError.ReadToEnd().Trim() : "it does not listen";
        Tool.End(server);
        throw new BenchException($"nginx: {words}");
    }
}
