using NetVS.Packets;

namespace NetVS.Lab.Hosts;

/// <summary>One host of a lab: a network namespace with its interfaces, addresses and processes.</summary>
internal sealed class LabHost(Lab lab, string name)
{
    private readonly List<LabLink> _links = [];

    /// <summary>The host's name in the lab: client, director, rs1.</summary>
    public string Name { get; } = name;

    /// <summary>The namespace's name, unique to this run.</summary>
    public string Namespace { get; } = $"{Lab.Prefix}{lab.Id}-{name}";

    /// <summary>The file that enters the namespace.</summary>
    public string NamespacePath => $"/run/netns/{Namespace}";

    /// <summary>Its interfaces in the order they were made: eth0, eth1.</summary>
    public IReadOnlyList<LabLink> Links => _links;

    /// <summary>The lab the host stands in.</summary>
    public Lab Lab { get; } = lab;

    /// <summary>The cgroup the host's servers run in, where there is a cgroup v2 hierarchy; else null.</summary>
    public string? Cgroup { get; set; }

    /// <summary>Notes an interface.</summary>
    internal void Add(LabLink link) => _links.Add(link);

    /// <summary>The arguments that run a program in this host's network, leaving /sys and everything else alone.</summary>
    public IEnumerable<string> Enter(string program, params IEnumerable<string> arguments) =>
        [$"--net={NamespacePath}", "--", program, .. arguments];

    /// <summary>Runs a command in the host and returns its output.</summary>
    public Task<string> RunAsync(string program, params string[] arguments) =>
        Shell.RunAsync("nsenter", Enter(program, arguments), cancellation: Lab.Cancellation);

    /// <summary>Runs a command in the host; does not judge its exit status.</summary>
    public Task<Shell.Outcome> TryRunAsync(string program, string[] arguments, TimeSpan? limit = null) =>
        Shell.TryRunAsync("nsenter", Enter(program, arguments), limit: limit, cancellation: Lab.Cancellation);

    /// <summary>Runs <c>ip</c> commands in the host, one a line, in one process.</summary>
    public Task IpAsync(string lines) =>
        Shell.RunAsync("ip", ["-n", Namespace, "-batch", "-"], lines, Lab.Cancellation);

    /// <summary>Sets a sysctl of the host's network.</summary>
    public Task SysctlAsync(string key, string value) =>
        RunAsync("sh", "-c", $"echo {value} > /proc/sys/{key.Replace('.', '/')}");

    /// <summary>The MAC addresses of the host's interfaces, read from the kernel.</summary>
    public async Task ReadMacsAsync()
    {
        foreach (LabLink link in _links)
        {
            string text = await Shell.RunAsync("ip", ["-n", Namespace, "-o", "link", "show", "dev", link.Device], cancellation: Lab.Cancellation);
            int at = text.IndexOf("link/ether ", StringComparison.Ordinal);
            if (at < 0 || !MacAddress.TryParse(text.AsSpan(at + 11, 17), out MacAddress mac))
                throw new LabException($"{Name}: no Ethernet address on {link.Device}");
            link.Mac = mac;
        }
    }
}
