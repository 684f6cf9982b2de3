using NetVS.Director.Scheduling;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Randomness;
using NetVS.Testing.Time;

namespace NetVS.Director.Tests.Scheduling;

/// <summary>A service whose servers are letters, so that a test reads like the reference: "C:3 B:2 A:1", head first, picks "C C B".</summary>
internal sealed class ServiceUnderTest
{
    private readonly Dictionary<char, Destination> _servers = [];
    private int _nextIndex = 1;

    public ServiceUnderTest(string scheduler, string headFirst = "", ServiceFlags flags = ServiceFlags.None, IRandomSource? random = null, ushort port = 80, ServiceOptions? options = null)
    {
        // The scheduler is bound to the whole list, as when a service is edited; adding one server after the other would disturb wrr.
        var rule = new VirtualServiceRule { Key = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("192.0.2.10"), port), Scheduler = "none", Flags = flags, Options = options ?? ServiceOptions.None };
        Service = new VirtualServiceState(0, rule, null);
        foreach (string server in headFirst.Split(' ', StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            string[] parts = server.Split(':');
            Add(parts[0][0], parts.Length > 1 ? int.Parse(parts[1]) : 1);
        }

        var context = new SchedulerContext(random ?? new SeededRandom(1), Settings);
        Service.Edit(rule with { Scheduler = scheduler }, name => SchedulerTable.Make(name, context));
    }

    public DirectorSettings Settings { get; } = new();

    public Scheduler Scheduler => Service.Scheduler!;

    public VirtualServiceState Service { get; }

    public ManualClock Clock { get; } = new();

    public Destination this[char name] => _servers[name];

    public void Add(char name, int weight)
    {
        var rule = new DestinationRule { Real = new IpEndpoint(Ipv4Address.Of(10, 0, 0, (byte)(name - 'A' + 1)), 80), Weight = weight };
        _servers[name] = new Destination(_nextIndex++, Service, rule);
        Service.Add(_servers[name]);
    }

    public void Delete(char name) => Service.Remove(_servers[name]);

    public void Weigh(char name, int weight) => Service.Update(_servers[name], _servers[name].Rule with { Weight = weight }, null);

    /// <summary>Gives a server connections, on top of those it has.</summary>
    public void Load(char name, int active, int inactive = 0)
    {
        for (int i = 0; i < active + inactive; i++) _servers[name].Bind(isTemplate: false);
        for (int i = 0; i < active; i++) _servers[name].BecomeActive();
    }

    /// <summary>Sets the overload mark by an upper threshold of what the server has, at least one.</summary>
    public void Overload(char name)
    {
        Destination server = _servers[name];
        if (server.TotalConnections == 0) server.Bind(isTemplate: false);
        Service.Update(server, server.Rule with { UpperThreshold = (uint)server.TotalConnections }, null);
        server.IsOverloaded.ShouldBeTrue();
    }

    /// <summary>Takes the threshold away, and with it the mark.</summary>
    public void Relieve(char name) => Service.Update(_servers[name], _servers[name].Rule with { UpperThreshold = 0 }, null);

    /// <summary>The next picks, '-' for none, without making connections.</summary>
    public string Pick(int count = 1) => string.Join(' ', Enumerable.Range(0, count).Select(_ => Name(Schedule("198.51.100.7", 40000))));

    /// <summary>The next picks, each made an active connection.</summary>
    public string PickAndOpen(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ =>
    {
        Destination? chosen = Schedule("198.51.100.7", 40000);
        if (chosen is not null) Load(Name(chosen), 1);
        return Name(chosen);
    }));

    public char PickFor(string client, ushort port = 40000) => Name(Schedule(client, port));

    public Destination? Schedule(string client, ushort port, string virtualAddress = "192.0.2.10", IpProtocol protocol = IpProtocol.Tcp)
    {
        var request = new SchedulingRequest
        {
            Client = IpAddress.Parse(client),
            ClientPort = port,
            Virtual = IpAddress.Parse(virtualAddress),
            VirtualPort = 80,
            Protocol = protocol,
            Now = Clock.Now,
        };
        return Service.Schedule(in request);
    }

    public static char Name(Destination? destination) =>
        destination is null ? '-' : (char)('A' + (destination.Address.V4.Value & 0xFF) - 1);
}
