using NetVS.Control;
using NetVS.Control.Configuration;
using NetVS.Control.Rules;
using NetVS.Control.Status;
using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Health.Checks;
using NetVS.Health.Probes;
using NetVS.Keepalived;
using NetVS.Keepalived.Hosts;
using NetVS.Keepalived.Language;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Health.Tests;

/// <summary>Health checks on a real director without packets: a configuration as text, rules as ipvsadm prints them.</summary>
internal sealed class HealthRig : IConnectionSource, IDaemonFacts, IRandomSource, IConfigurationFiles, IDisposable
{
    private readonly DirectorEngine _engine;
    private readonly List<string> _log = [];
    private string _text = "";

    public HealthRig(TimeProvider? time = null, IUserPaths? paths = null)
    {
        var network = new NetworkState();
        _engine = new DirectorEngine(new DirectorOptions { MaxConnectionsV4 = 64, MaxConnectionsV6 = 64, Random = this }, network);
        Control = new DirectorControl(_engine, network, this, this, NoNames.Instance, new DirectorControlOptions());
        Part = new HealthPart(Control, new HealthOptions
        {
            IsLocal = _ => IsVipHere, IsBfdUp = _ => BfdUp, Report = Note, Time = time ?? TimeProvider.System, UserPaths = paths, Random = () => 0,
        });
        Configuration = new ConfigurationControl(Control, network, new ConfigurationOptions { Parts = [Part], Warn = Note, Read = Read, Time = time ?? TimeProvider.System });
    }

    public DirectorControl Control { get; }

    public ConfigurationControl Configuration { get; }

    public HealthPart Part { get; }

    public bool IsVipHere { get; set; } = true;

    public bool? BfdUp { get; set; }

    public int WorkerCount => 1;

    public long ConnectionCount => 0;

    public string Log
    {
        get
        {
            lock (_log) return string.Join('\n', _log);
        }
    }

    /// <summary>The rules, one line for each destination: address, weight.</summary>
    public string Rules => string.Join(' ', Control.ListServices().OrderBy(s => s.Rule.Key.ToString(), StringComparer.Ordinal)
        .SelectMany(s => s.Destinations.Reverse().Select(d => $"{d.Rule.Real}={d.Rule.Weight}")));

    public HealthStatus Health => Part.ReadHealth();

    public ReloadOutcome Load(string text)
    {
        _text = text;
        return Configuration.Load();
    }

    /// <summary>Waits until something is so.</summary>
    public async Task Until(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            if (patience.IsCancellationRequested) throw new TimeoutException($"{what}: rules '{Rules}'\n{Log}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public Task<ConnectionPage> ReadAsync(int worker, long cursor, int limit) => Task.FromResult(new ConnectionPage([], -1));

    public IReadOnlyList<InterfaceStatus> ReadInterfaces() => [];

    public IReadOnlyDictionary<string, long> ReadDivertCounters() => new Dictionary<string, long>();

    public uint NextBelow(uint bound) => 0;

    public void Dispose()
    {
        Part.Dispose();
        foreach (DirectorWorker worker in _engine.Workers) worker.Dispose();
    }

    FileReading IConfigurationFiles.Read(string path) => new(FileStatus.Read, System.Text.Encoding.UTF8.GetBytes(_text));

    IReadOnlyList<string>? IConfigurationFiles.ListDirectory(string path) => ["k.conf"];

    private KeepalivedReading Read() => KeepalivedReader.Read("/k.conf", this, AnyHost.Instance, new ReaderOptions { ConfigurationId = "x", WorkingDirectory = "/", FindVariable = _ => null });

    private void Note(string line)
    {
        lock (_log) _log.Add(line);
    }
}
