using NetVS.Control.Configuration;
using NetVS.Control.Rules;
using NetVS.Daemon;
using NetVS.Director.Network;
using NetVS.Keepalived;
using NetVS.Keepalived.Hosts;
using NetVS.Keepalived.Language;

namespace NetVS.Tests.Daemon;

/// <summary>startup_script and shutdown_script: when they run, how often, and that they end.</summary>
public sealed class LifecycleScriptsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-scripts-").FullName;
    private readonly List<string> _log = [];
    private readonly LifecycleScripts _part;

    public LifecycleScriptsTests() => _part = new LifecycleScripts(_log.Add);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Told => File.Exists(Path.Combine(_folder, "told")) ? File.ReadAllText(Path.Combine(_folder, "told")).ReplaceLineEndings(" ").Trim() : "";

    [Fact]
    public void Startup_RunsWithTheFirstConfiguration_Shutdown_IsThatOfTheLast()
    {
        Load($"startup_script {Tell("up")}\n shutdown_script {Tell("down1")}");
        Told.ShouldBe("up");
        Load($"startup_script {Tell("again")}\n shutdown_script {Tell("down2")}");
        Told.ShouldBe("up");
        _part.Begin();
        _part.End(isForwardingKept: true);
        Told.ShouldBe("up down2");
        _log.ShouldBe(["startup_script /bin/sh has run", "shutdown_script /bin/sh has run"]);
    }

    [Fact]
    public void Script_ThatFailsOrHangs_IsSaid_AndNothingElse()
    {
        Load("startup_script \"/bin/sh -c 'echo no; exit 3'\"\n shutdown_script \"/bin/sleep 1000\"\n shutdown_script_timeout 1");
        _part.End(isForwardingKept: false);
        _log.ShouldBe(["startup_script /bin/sh exited with status 3: no", "shutdown_script /bin/sleep took longer than 1 s and was ended"]);
    }

    [Fact]
    public void Nothing_Configured_NothingRuns()
    {
        Load("router_id x");
        _part.End(isForwardingKept: false);
        _log.ShouldBeEmpty();
    }

    private string Tell(string what) => $"\"/bin/sh -c 'echo {what} >> {_folder}/told'\"";

    private void Load(string lines)
    {
        string file = Path.Combine(_folder, "k.conf");
        File.WriteAllText(file, $"global_defs {{\n {lines}\n}}\n");
        KeepalivedReading reading = KeepalivedReader.Read(file, new ConfigurationFiles(), AnyHost.Instance, new ReaderOptions());
        reading.Problems.ShouldBeEmpty();
        var plan = new ConfigurationPlan(reading, KeepalivedCheck.Of(reading, new NetworkState()));
        using IPreparedConfiguration prepared = _part.Prepare(null, plan);
        prepared.Commit();
    }
}
