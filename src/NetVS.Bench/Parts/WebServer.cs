using System.Diagnostics;
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
                listen {{BenchNetwork.RealWebPort}} backlog=8192;
                location / { return 200 "served\n"; }
              }
            }
            """);
        return Listener.Start(network.Server, "nginx", BenchNetwork.RealWebPort, "nginx", "-p", folder, "-c", file, "-e", "stderr");
    }
}
