using System.Net;
using NetVS.Lab.Peers;
using NetVS.Packets;

namespace NetVS.Lab.Soak;

/// <summary>The soak's services: each method with TCP and UDP over IPv4 and IPv6, persistent ones, one with a limit, some that come and go, some whose servers do not listen.</summary>
internal sealed class SoakPlan
{
    private const ushort FirstPort = 8000;

    // Those that choose by a hash have their fallback, for a quiesced server would refuse its clients; so would dh, which has none.
    private static readonly string[] s_schedulers =
        ["rr", "wrr", "lc", "wlc", "sed", "nq", "sh -b sh-fallback,sh-port", "mh -b mh-fallback,mh-port", "lblc", "lblcr", "fo", "ovf", "twos", "sh -b sh-fallback", "mh -b mh-fallback"];

    private static readonly (string Name, string Option4, string Option6)[] s_methods =
    [
        ("nat", "-m", "-m"), ("dr", "-g", "-g"), ("tun", "-i --tun-type ipip", "-i --tun-type gre --tun-csum"), ("fullnat", "-b", "-b"),
    ];

    private readonly List<SoakService> _services = [];

    /// <summary>Makes the plan.</summary>
    public SoakPlan()
    {
        foreach ((string method, _, _) in s_methods)
        {
            foreach (bool isV6 in (bool[])[false, true])
            {
                Add(method, "tcp", isV6);
                Add(method, "udp", isV6);
            }

            Add(method, "pers", isV6: method is "dr" or "fullnat", options: " -p 6", scheduler: "wlc");
        }

        Add("nat", "extra", isV6: false, isExtra: true);
        Add("dr", "extra", isV6: true, isExtra: true);
        Add("fullnat", "extra", isV6: false, isExtra: true);
        Add("nat", "limit", isV6: false, options: " --max-connections 3 --over-limit reject", kind: SoakKind.Limited);
        Add("nat", "closed", isV6: false, kind: SoakKind.Closed, isUdp: true);
        Add("fullnat", "closed", isV6: true, kind: SoakKind.Closed, isUdp: true);
    }

    /// <summary>All services.</summary>
    public IReadOnlyList<SoakService> Services => _services;

    /// <summary>A scheduler for a service that is not persistent.</summary>
    public static string DrawScheduler(SoakService service, Random random) => Scheduler(random.Next(s_schedulers.Length), service.IsUdp);

    /// <summary>The rules as a file of command lines.</summary>
    public string ToFile() => string.Concat(_services.SelectMany(s => s.Lines()).Select(line => line + "\n"));

    /// <summary>A service as the client is told of it.</summary>
    public static SoakTarget ToTarget(SoakService service) =>
        new(service.Name, service.IsUdp, new IPEndPoint(IPAddress.Parse(service.Virtual.Address.ToString()), service.Virtual.Port), service.Kind);

    /// <summary>The ports that a real server listens on.</summary>
    /// <param name="host">Its name.</param>
    /// <param name="isUdp">Of UDP; else of TCP.</param>
    public IEnumerable<ushort> PortsOf(string host, bool isUdp) =>
        _services.Where(s => s.IsUdp == isUdp && s.Kind != SoakKind.Closed).SelectMany(s => s.Servers).Where(s => s.Host == host).Select(s => s.Real.Port).Distinct().Order();

    private void Add(string method, string kindName, bool isV6, string options = "", string? scheduler = null, SoakKind kind = SoakKind.Plain, bool isExtra = false, bool isUdp = false)
    {
        int index = Array.FindIndex(s_methods, m => m.Name == method);
        ushort port = (ushort)(FirstPort + _services.Count);
        IpAddress vip = kind == SoakKind.Closed ? SoakNetwork.ClosedVip(isV6) : SoakNetwork.Vip(index, isV6);
        _services.Add(new SoakService
        {
            Name = $"{method}-{kindName}{(isV6 ? 6 : 4)}",
            Virtual = new IpEndpoint(vip, port),
            IsUdp = isUdp || kindName == "udp",
            Method = isV6 ? s_methods[index].Option6 : s_methods[index].Option4,
            LocalAddress = method == "fullnat" ? SoakNetwork.LocalAddress(isV6).ToString() : null,
            Kind = kind,
            Options = options,
            IsExtra = isExtra,
            Scheduler = scheduler ?? Scheduler(_services.Count % s_schedulers.Length, isUdp || kindName == "udp"),
            Servers = [.. SoakNetwork.ServersOf(method, isV6).Select(s => new SoakServer(s.Host, new IpEndpoint(s.Address, port)))],
        });
    }

    // ovf refuses a client when every server has more active connections than its weight; UDP has none that are active.
    private static string Scheduler(int index, bool isUdp) => s_schedulers[index] == "ovf" && !isUdp ? "wrr" : s_schedulers[index];
}
