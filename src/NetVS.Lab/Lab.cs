using System.Globalization;
using System.Text;
using NetVS.Lab.Hosts;
using NetVS.Linux.Bpf;

namespace NetVS.Lab;

/// <summary>A set of hosts in network namespaces, wired to switches, with everything that runs in them.</summary>
/// <remarks>
/// Everything is named after one id (nvs-&lt;id&gt;-…), so that several labs run side by side and nothing but its own is ever
/// removed. A folder under /run/netvs/lab tells the owner's process id: a lab whose owner is gone is removed by the next run.
/// </remarks>
internal sealed class Lab : IAsyncDisposable
{
    /// <summary>What the names of all namespaces begin with.</summary>
    public const string Prefix = "nvs-";

    private const string StateRoot = "/run/netvs/lab";
    private readonly List<LabHost> _hosts = [];
    private readonly List<IAsyncDisposable> _running = [];
    private readonly HashSet<string> _segments = [];
    private readonly LabHost _switches;
    private bool _keep;

    private Lab(string id, CancellationToken cancellation)
    {
        Id = id;
        Cancellation = cancellation;
        _switches = new LabHost(this, "sw");
    }

    /// <summary>This lab's id: four hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Ends every wait when the user interrupts.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The lab's own folder: configuration files, captures, logs.</summary>
    public string Folder => Path.Combine(StateRoot, Id);

    /// <summary>The hosts in the order they were added.</summary>
    public IReadOnlyList<LabHost> Hosts => _hosts;

    /// <summary>The host that holds the switches every wire ends in: where captures are made.</summary>
    public LabHost Switches => _switches;

    /// <summary>Begins a lab after removing what dead ones left behind.</summary>
    public static async Task<Lab> BeginAsync(CancellationToken cancellation)
    {
        await RemoveDeadAsync(includeKept: false);
        Directory.CreateDirectory(StateRoot);
        while (true)
        {
            string id = Random.Shared.Next(0x1000, 0x10000).ToString("x4", CultureInfo.InvariantCulture);
            var lab = new Lab(id, cancellation);
            if (Directory.Exists(lab.Folder)) continue;
            Directory.CreateDirectory(lab.Folder);
            await File.WriteAllTextAsync(Path.Combine(lab.Folder, "owner"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture), cancellation);
            try
            {
                await Shell.RunAsync("ip", ["netns", "add", lab._switches.Namespace], cancellation: cancellation);
            }
            catch (LabException)
            {
                await lab.DisposeAsync();
                throw;
            }

            return lab;
        }
    }

    /// <summary>Adds a host.</summary>
    public async Task<LabHost> AddHostAsync(string name)
    {
        var host = new LabHost(this, name);
        _hosts.Add(host);
        await Shell.RunAsync("ip", ["netns", "add", host.Namespace], cancellation: Cancellation);
        // Duplicate address detection would keep IPv6 addresses from being used for a second; the labs own their networks.
        await host.RunAsync("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; echo 0 > /proc/sys/net/ipv6/conf/default/accept_ra; ip link set lo up");
        return host;
    }

    /// <summary>Plugs a host into a segment with addresses; the segment's switch is made when it is new.</summary>
    public async Task<LabLink> PlugAsync(LabHost host, string segment, params string[] addresses)
    {
        if (_segments.Add(segment))
        {
            await _switches.IpAsync($"link add {segment} type bridge forward_delay 0 mcast_snooping 0\nlink set {segment} up\n");
            // Bridged frames are none of netfilter's business here.
            await _switches.TryRunAsync("sh", ["-c", "for f in /proc/sys/net/bridge/bridge-nf-call-*; do echo 0 > $f; done"]);
        }

        var link = new LabLink(host, $"eth{host.Links.Count}", segment);
        string port = link.SwitchPort;
        host.Add(link);
        await _switches.IpAsync(
            $"link add {port} type veth peer name {link.Device} netns {host.Namespace}\nlink set {port} master {segment}\nlink set {port} up\n");
        var lines = new StringBuilder();
        lines.Append($"link set {link.Device} up\n");
        foreach (string address in addresses) lines.Append($"addr add {address} dev {link.Device}{(address.Contains(':') ? " nodad" : "")}\n");
        await host.IpAsync(lines.ToString());
        return link;
    }

    /// <summary>Hands over something to end with the lab, last first.</summary>
    public T Own<T>(T running) where T : IAsyncDisposable
    {
        _running.Add(running);
        return running;
    }

    /// <summary>Leaves the lab standing after this process.</summary>
    public async Task KeepAsync()
    {
        _keep = true;
        await File.WriteAllTextAsync(Path.Combine(Folder, "kept"), "");
    }

    /// <summary>Ends every process and removes every namespace, cgroup and file of the lab.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_keep) return;
        for (int i = _running.Count - 1; i >= 0; i--) await _running[i].DisposeAsync();
        _running.Clear();
        await RemoveAsync(Id);
    }

    /// <summary>Removes labs whose owner is gone; with <paramref name="includeKept"/> also those that were kept.</summary>
    /// <returns>The ids removed.</returns>
    public static async Task<IReadOnlyList<string>> RemoveDeadAsync(bool includeKept)
    {
        var removed = new List<string>();
        if (!Directory.Exists(StateRoot)) return removed;
        foreach (string folder in Directory.GetDirectories(StateRoot))
        {
            bool kept = File.Exists(Path.Combine(folder, "kept"));
            if (kept ? !includeKept : IsOwnerAlive(folder)) continue;
            string id = Path.GetFileName(folder);
            await RemoveAsync(id);
            removed.Add(id);
        }

        return removed;
    }

    private static bool IsOwnerAlive(string folder)
    {
        string owner = Path.Combine(folder, "owner");
        // A folder without its owner file is being made this instant, unless it is old.
        if (!File.Exists(owner)) return DateTime.UtcNow - Directory.GetCreationTimeUtc(folder) < TimeSpan.FromMinutes(1);
        return int.TryParse(File.ReadAllText(owner), out int id) && Directory.Exists($"/proc/{id}");
    }

    private static async Task RemoveAsync(string id)
    {
        string prefix = $"{Prefix}{id}-";
        if (Directory.Exists("/run/netns"))
        {
            string[] spaces = [.. Directory.GetFiles("/run/netns", prefix + "*").Select(Path.GetFileName).OfType<string>()];
            foreach (string space in spaces)
            {
                Shell.Outcome pids = await Shell.TryRunAsync("ip", ["netns", "pids", space]);
                foreach (string pid in pids.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    await Shell.TryRunAsync("kill", ["-KILL", pid]);
            }

            foreach (string space in spaces) await Shell.TryRunAsync("ip", ["netns", "delete", space]);
        }

        if (Cgroups.FindRoot() is { } root)
            foreach (string group in Directory.GetDirectories(root, prefix + "*"))
                await Cgroups.RemoveAsync(group);

        // A daemon that was interrupted while it began, or killed, has left its maps pinned.
        string folder = Path.Combine(StateRoot, id);
        PinFolder.RemoveOfDirectory(folder);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
