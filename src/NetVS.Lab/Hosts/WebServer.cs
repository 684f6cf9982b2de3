using System.Globalization;

namespace NetVS.Lab.Hosts;

/// <summary>Starts a real server's web server: nginx where it is installed, else the lab's own.</summary>
internal static class WebServer
{
    private static readonly string[] s_nginxPlaces = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];

    /// <summary>Starts a web server that answers "NAME saw CLIENT:PORT" on a port of every address of the host.</summary>
    /// <returns>What runs: <c>nginx</c> or <c>built-in</c>.</returns>
    public static async Task<string> StartAsync(LabHost host, int port)
    {
        if (FindNginx() is not { } nginx)
        {
            await StartOwnAsync(host, port, banner: null);
            return "built-in";
        }

        string folder = Path.Combine(host.Lab.Folder, $"{host.Name}-nginx-{port}");
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            daemon off;
            user root;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log stderr warn;
            events { worker_connections 8192; }
            http {
                access_log off;
                default_type text/plain;
                keepalive_requests 100000;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                server {
                    listen {{port.ToString(CultureInfo.InvariantCulture)}} backlog=4096;
                    listen [::]:{{port.ToString(CultureInfo.InvariantCulture)}} backlog=4096 ipv6only=on;
                    location / { return 200 "{{host.Name}} saw $remote_addr:$remote_port\n"; }
                }
            }
            """, host.Lab.Cancellation);
        await StartInCgroupAsync(host, $"nginx of {host.Name}", nginx, ["-p", folder, "-c", file, "-e", "stderr"], awaited: null);
        await AwaitPortAsync(host, port);
        return "nginx";
    }

    /// <summary>Starts the lab's own server.</summary>
    public static Task StartOwnAsync(LabHost host, int port, string? banner)
    {
        string[] arguments = ["lab", "serve", "--name", host.Name, "--port", port.ToString(CultureInfo.InvariantCulture)];
        if (banner is not null) arguments = [.. arguments, "--banner", banner];
        return StartInCgroupAsync(host, $"server of {host.Name}", ThisProgram.Path, arguments, awaited: "serving on port");
    }

    private static async Task StartInCgroupAsync(LabHost host, string name, string program, string[] arguments, string? awaited)
    {
        // The shell enters the group and then becomes the server, so that every connection it accepts belongs to the group.
        IEnumerable<string> command = host.Cgroup is { } group
            ? host.Enter("sh", ["-c", "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"", group, program, .. arguments])
            : host.Enter(program, arguments);
        host.Lab.Own(await Daemon.StartAsync(name, "nsenter", command, awaited, host.Lab.Cancellation));
    }

    private static async Task AwaitPortAsync(LabHost host, int port)
    {
        string wanted = ":" + port.ToString("X4", CultureInfo.InvariantCulture) + " 00000000:0000 0A";
        for (int attempt = 0; attempt < 100; attempt++)
        {
            Shell.Outcome table = await host.TryRunAsync("cat", ["/proc/net/tcp"]);
            if (table.Output.Contains(wanted, StringComparison.Ordinal)) return;
            await Task.Delay(50, host.Lab.Cancellation);
        }

        throw new LabException($"nginx of {host.Name} does not listen on port {port}");
    }

    private static string? FindNginx() => s_nginxPlaces.FirstOrDefault(File.Exists);
}
