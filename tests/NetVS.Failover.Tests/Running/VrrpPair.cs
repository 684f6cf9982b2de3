using System.Diagnostics;
using NetVS.Bfd.Wire;
using NetVS.Control.Status;
using NetVS.Failover.Bfd;
using NetVS.Failover.Running;
using NetVS.Packets;
using NetVS.Scripts;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Time;

namespace NetVS.Failover.Tests.Running;

/// <summary>Two routers on one switch: NetVS in this process, keepalived beside it, tcpdump between them.</summary>
internal sealed class VrrpPair : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-vrrp-").FullName;
    private readonly List<string> _log = [];
    private readonly List<string> _seen = [];
    private FailoverService? _service;
    private BfdService? _bfd;
    private Process? _keepalived;

    public VrrpPair()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        Own = NetworkNamespace.Create("vrrpa");
        Other = NetworkNamespace.Create("vrrpb");
        Switch = NetworkNamespace.Create("vrrps");
        Switch.Ip("link add br0 type bridge mcast_snooping 0");
        Switch.Ip("link set br0 up");
        Join(Own, "pa", 1);
        Join(Other, "pb", 2);
        Process tcpdump = Switch.Begin("tcpdump", "-n", "-l", "-vv", "-i", "br0", "ip proto 112 or ip proto 51 or ip6 proto 112 or arp or icmp6");
        tcpdump.OutputDataReceived += (_, line) =>
        {
            lock (_seen)
                if (line.Data is not null) _seen.Add(line.Data);
        };
        tcpdump.BeginOutputReadLine();
        WaitFor(() => tcpdump.StandardError.ReadLine() is { } line && line.Contains("listening", StringComparison.Ordinal), "tcpdump listens");
    }

    /// <summary>Sends NetVS's mail; null for none.</summary>
    public MailQueue? Mail { get; set; }

    public NetworkNamespace Own { get; }

    public NetworkNamespace Other { get; }

    public NetworkNamespace Switch { get; }

    public string Log
    {
        get
        {
            lock (_log) return string.Join('\n', _log);
        }
    }

    /// <summary>What tcpdump printed.</summary>
    public string Seen
    {
        get
        {
            lock (_seen) return string.Join('\n', _seen);
        }
    }

    public static string Instance(string name, int id, int priority, string lines, params string[] addresses) =>
        $"vrrp_instance {name} {{\n interface e0\n virtual_router_id {id}\n priority {priority}\n {lines}\n virtual_ipaddress {{\n{string.Concat(addresses.Select(a => $"  {a}\n"))} }}\n}}\n";

    public static void WaitFor(Func<bool> condition, string what, Func<string>? more = null) => Patience.WaitFor(condition, what, 30, more);

    public void StartOwn(string configuration)
    {
        FailoverService service = _service = new FailoverService(new FailoverOptions { Clock = Now, Mail = Mail, Log = Note });
        _bfd = new BfdService(Now, (plan, state) => service.NoteBfd(plan.Options.Name, state == BfdState.Up), Note);
        _bfd.Apply(ConfigurationText.BfdPlans(configuration, out _));
        _service.Apply(ConfigurationText.Plan(configuration));
        Own.Run(_bfd.Begin);
        Own.Run(_service.Begin);
    }

    /// <summary>Starts BFD alone on the other router, by NetVS too; whoever gets it ends it.</summary>
    public BfdService BeginOtherBfd(string configuration)
    {
        var bfd = new BfdService(Now, static (_, _) => { }, line => Note("other: " + line));
        bfd.Apply(ConfigurationText.BfdPlans(configuration, out _));
        Other.Run(bfd.Begin);
        return bfd;
    }

    public string BfdStatus() => string.Join('\n', _bfd!.ReadStatus());

    public void Reload(string configuration) => Own.Run(() =>
    {
        _bfd!.Apply(ConfigurationText.BfdPlans(configuration, out _));
        _service!.Apply(ConfigurationText.Plan(configuration));
    });

    public void StopOwn()
    {
        _service?.End();
        _bfd?.End(isForwardingKept: false);
        _service = null;
    }

    /// <summary>Octets that the loop's thread has allocated, and adverts that its first instance has sent.</summary>
    public (long Allocated, long Sent) Measure()
    {
        VrrpLoop loop = _service!.Loop!;
        using var done = new ManualResetEventSlim();
        (long, long) result = default;
        loop.Post(_ =>
        {
            result = (GC.GetAllocatedBytesForCurrentThread(), loop.Instances[0].Router.Counters.Sent);
            done.Set();
        });
        done.Wait(10_000).ShouldBeTrue("the loop answers");
        return result;
    }

    public string Status() => string.Join('\n', _service!.ReadStatus().SelectMany(s => s.Lines));

    public IReadOnlyList<string> Reconcile(bool isApplied) => Own.Run(() => _service!.Reconcile(isApplied));

    public VrrpStatus ReadVrrp() => _service!.ReadVrrp();

    public void StartKeepalived(string configuration, string subsystems = "-P")
    {
        string file = Path.Combine(_folder, "keepalived.conf");
        File.WriteAllText(file, configuration);
        _keepalived = Other.Begin("keepalived", "-n", "-l", "-D", subsystems, "-f", file, "-p", Path.Combine(_folder, "pid"), "-r", Path.Combine(_folder, "vpid"), "-b", Path.Combine(_folder, "bpid"));
        _keepalived.OutputDataReceived += (_, line) => NoteOther(line.Data);
        _keepalived.ErrorDataReceived += (_, line) => NoteOther(line.Data);
        _keepalived.BeginOutputReadLine();
        _keepalived.BeginErrorReadLine();
    }

    public void StopKeepalived()
    {
        using (Process term = Process.Start("kill", ["-TERM", _keepalived!.Id.ToString()])) term.WaitForExit();
        _keepalived.WaitForExit(20_000).ShouldBeTrue("keepalived ends");
        _keepalived = null;
    }

    public bool OwnHas(string address) => Has(Own, address);

    public bool OtherHas(string address) => Has(Other, address);

    public void WaitForMaster(bool isOwn, params string[] addresses) => WaitFor(
        () => addresses.All(a => OwnHas(a) == isOwn && OtherHas(a) != isOwn), $"{(isOwn ? "NetVS" : "keepalived")} alone has {string.Join(", ", addresses)}", () => Log + "\n" + Seen);

    public void Dispose()
    {
        StopOwn();
        if (_keepalived is not null) StopKeepalived();
        Own.Dispose();
        Other.Dispose();
        Switch.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static bool Has(NetworkNamespace where, string address) => where.Ip("-o addr show").Contains($" {address}/", StringComparison.Ordinal);

    private static MonotonicTime Now() => new(Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency));

    private void Note(string line)
    {
        lock (_log) _log.Add(line);
    }

    private void NoteOther(string? line)
    {
        if (line is not null) Note("keepalived: " + line);
    }

    private void Join(NetworkNamespace host, string port, int number)
    {
        NetworkNamespace.Connect(host, "e0", Switch, port);
        Switch.Ip($"link set {port} master br0");
        host.Ip($"addr add 192.0.2.{number}/24 dev e0");
        host.Ip($"addr add fe80::{number}/64 dev e0 nodad");
    }
}
