using System.Diagnostics;
using NetVS.Testing.Time;

namespace NetVS.RealServer.Tests;

/// <summary>A real server in a namespace of its own, and a wire to a second namespace where a test plays the rest of the world.</summary>
/// <remarks>
/// Inside: "e0" with 192.0.2.9/24 and 2001:db8:1::9/64, MAC 02:00:00:00:00:01. Outside: "w0" without addresses, MAC
/// 02:00:00:00:00:02, which the inside takes for every neighbour.
/// </remarks>
internal sealed class TestNetwork : IDisposable
{
    private static int s_count;
    private readonly string _suffix = $"{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";

    public TestNetwork()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces need root");
        Inside = $"nvs-rs-{_suffix}";
        Outside = $"nvs-rw-{_suffix}";
        Folder = Directory.CreateTempSubdirectory("nvs-rs-").FullName;
        try
        {
            Run("ip", $"netns add {Inside}");
            Run("ip", $"netns add {Outside}");
            Ip("link set lo up");
            Ip($"link add e0 address 02:00:00:00:00:01 type veth peer name w0 address 02:00:00:00:00:02 netns {Outside}");
            Run("ip", $"netns exec {Outside} sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
            Run("ip", $"-n {Outside} link set w0 up");
            // No link-local address: it would come and lose its "tentative" mark in the midst of a test.
            Ip("link set e0 addrgenmode none");
            Ip("addr add 192.0.2.9/24 dev e0");
            Ip("addr add 2001:db8:1::9/64 dev e0 nodad");
            Ip("link set e0 up");
            AwaitCarrier();
            Ip("neigh add 192.0.2.1 lladdr 02:00:00:00:00:02 dev e0 nud permanent");
            Ip("neigh add 2001:db8:1::1 lladdr 02:00:00:00:00:02 dev e0 nud permanent");
            Ip("route add default via 192.0.2.1");
            Ip("-6 route add default via 2001:db8:1::1");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Inside { get; }

    public string Outside { get; }

    public string InsidePath => $"/run/netns/{Inside}";

    public string OutsidePath => $"/run/netns/{Outside}";

    /// <summary>Where records go instead of /run/netvs.</summary>
    public string Folder { get; }

    public void Ip(string arguments) => Run("ip", $"-n {Inside} {arguments}");

    /// <summary>Sysctls, addresses, qdiscs and filters of the inside: what a setup may change.</summary>
    public string State() =>
        Run("nsenter", $"--net={InsidePath} sysctl -a --pattern net.ipv[46].conf") + Run("ip", $"-n {Inside} -o addr show")
        + Run("tc", $"-n {Inside} qdisc show") + Run("tc", $"-n {Inside} filter show dev e0 ingress") + Run("tc", $"-n {Inside} filter show dev e0 egress");

    // IPv6 joins its groups on an interface only once the kernel has noticed the carrier, up to a second after "up".
    private void AwaitCarrier() =>
        Patience.WaitFor(() => Run("ip", $"-n {Inside} -o link show dev e0").Contains("state UP", StringComparison.Ordinal), "carrier of e0");

    public static string Run(string program, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {arguments}: exit {process.ExitCode}: {error.Result}");
        return output;
    }

    public void Dispose()
    {
        foreach (string name in (string[])[Inside, Outside])
        {
            if (File.Exists($"/run/netns/{name}")) Run("ip", $"netns del {name}");
        }

        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }
}
