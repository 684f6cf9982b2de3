using System.Security.Cryptography;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;

namespace NetVS.Lab;

/// <summary>
/// The cases of the kernel's selftest of IPVS (tools/testing/selftests/net/ipvs.sh) over its topology and addresses: by DR, NAT and TUN a file of
/// 32 octets goes from the client to the virtual service, one way.
/// </summary>
/// <remarks>
/// client 10.0.0.2 and director 10.0.0.1 share a segment, where the server has 10.0.0.3 for its replies (not with NAT); director 172.16.0.1 and server
/// 172.16.0.2 share another. The VIP is on the director's loopback.
/// </remarks>
internal sealed class SelfTestLab(Lab lab, LabOptions options, CheckList checks) : ILabStory
{
    private const string Vip = "207.175.44.110", Server = "172.16.0.2";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private DirectorHost? _director;

    /// <inheritdoc/>
    public string Summary => "the three cases of the kernel's selftest of IPVS";

    /// <inheritdoc/>
    public string DaemonWords => _director?.DaemonWords ?? "";

    /// <inheritdoc/>
    public async Task RunAsync()
    {
        await RunAsync("dr", "");
        await RunAsync("nat", " -m");
        await RunAsync("tun", " -i");
    }

    private async Task RunAsync(string method, string option)
    {
        checks.Head(method);
        LabHost client = await lab.AddHostAsync($"{method}-client"), director = await lab.AddHostAsync($"{method}-director"), server = await lab.AddHostAsync($"{method}-server");
        string front = $"{method}-front", back = $"{method}-back";
        await lab.PlugAsync(client, front, "10.0.0.2/24");
        await lab.PlugAsync(director, front, "10.0.0.1/24");
        await lab.PlugAsync(director, back, "172.16.0.1/24");
        if (method != "nat") await lab.PlugAsync(server, front, "10.0.0.3/24");
        await lab.PlugAsync(server, back, $"{Server}/24");
        await client.IpAsync($"route add {Vip} via 10.0.0.1\n");
        await director.IpAsync($"addr add {Vip}/32 dev lo\n");
        await director.SysctlAsync("net.ipv4.ip_forward", method == "tun" ? "0" : "1");
        foreach (LabHost host in lab.Hosts) await LabRunner.SendFinishedFramesAsync(host);
        if (method == "nat") await server.IpAsync("route add default via 172.16.0.1\n");
        else await PrepareAsync(server, method);

        _director = new DirectorHost(director);
        await _director.StartAsync(options.Link, checks.Say);
        await _director.AdministrateAsync($"-A -t {Vip}:8080 -s rr", checks.Say);
        await _director.AdministrateAsync($"-a -t {Vip}:8080 -r {Server}:8080{option}", checks.Say);

        string sent = Path.Combine(lab.Folder, $"{method}-sent"), received = Path.Combine(lab.Folder, $"{method}-received");
        byte[] octets = RandomNumberGenerator.GetBytes(32);
        await File.WriteAllBytesAsync(sent, octets, lab.Cancellation);
        Daemon taker = lab.Own(await Daemon.StartAsync($"listener of {server.Name}", "nsenter",
            server.Enter(ThisProgram.Path, ["lab", "take", "8080", received]), awaited: "listening on port", lab.Cancellation));
        checks.Say($"  {client.Name}$ cat sent > /dev/tcp/{Vip}/8080");
        Shell.Outcome outcome = await client.TryRunAsync("timeout", ["5", "bash", "-c", $"cat \"$0\" > /dev/tcp/{Vip}/8080", sent]);
        checks.Expect(outcome.IsOk, "the connection was made", outcome.Errors.Trim());
        DateTime deadline = DateTime.UtcNow + s_patience;
        while (!taker.HasExited && DateTime.UtcNow < deadline) await Task.Delay(20, lab.Cancellation);
        byte[] got = File.Exists(received) ? await File.ReadAllBytesAsync(received, lab.Cancellation) : [];
        checks.Expect(taker.HasExited && got.AsSpan().SequenceEqual(octets), $"{method}: the file arrived, octet by octet", $"{got.Length} octets came");
        await LabRunner.ShowAsync(_director, checks, "ipvsadm", "-Ln", "--stats");
        checks.Expect(_director.IsRunning, "the daemon still runs");
    }

    private async Task PrepareAsync(LabHost server, string method)
    {
        foreach (string name in (string[])["all", .. server.Links.Select(l => l.Device)]) await server.SysctlAsync($"net.ipv4.conf.{name}.rp_filter", "0");
        await LabRunner.PrepareAsync(server, method, Vip, method == "tun" ? "172.16.0.1" : null, checks);
    }
}
