using NetVS.Control.Synchronisation;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control.Tests.Synchronisation;

/// <summary>lvs_sync_daemon: which daemons run, told as they are started (+) and stopped (-).</summary>
public sealed class ConfiguredSyncTests : IDisposable
{
    private static readonly SyncDaemon s_line = new()
    {
        Interface = "eth1", Instance = "VI", MaxLength = 1400, Port = 9000, Ttl = 3, Group = IpAddress.Parse("224.0.0.90"),
    };

    private readonly Recorder _daemons = new();
    private readonly List<string> _log = [];
    private readonly ConfiguredSync _part;

    public ConfiguredSyncTests() => _part = new ConfiguredSync(_daemons, line =>
    {
        lock (_log) _log.Add(line);
    }) { Pause = TimeSpan.FromMilliseconds(1) };

    public void Dispose() => _part.Dispose();

    private void Load(SyncDaemon? line) => _part.Take(new KeepalivedConfiguration
    {
        Global = new GlobalDefinitions { Lvs = new LvsDefaults { SyncDaemon = line } },
        Instances = [new VrrpInstance { Name = "VI", RouterId = 51 }, new VrrpInstance { Name = "Other", RouterId = 52 }],
    });

    [Fact]
    public void Instance_IsFollowedToMasterAndBack()
    {
        Load(s_line);
        _part.Begin();
        _daemons.Await("+b51");
        _part.Follow("Other", isMaster: true);
        _part.Follow("VI", isMaster: true);
        _daemons.Await("+b51 -b +m51");
        _part.ReadStatus().ShouldBe(["follows VI (master): master on eth1, syncid 51"]);
        _part.Follow("VI", isMaster: false);
        _daemons.Await("+b51 -b +m51 -m +b51");
        _daemons.Last.ShouldBe(new SyncDaemonRule
        {
            IsMaster = false, Interface = "eth1", SyncId = 51, MaxLength = 1400, Port = 9000, Ttl = 3, Group = IpAddress.Parse("224.0.0.90"),
        });
        _part.End(isForwardingKept: false);
        _daemons.Await("+b51 -b +m51 -m +b51 -b");
    }

    [Fact]
    public void NoInstance_MeansBothDaemonsWithSyncIdZero()
    {
        Load(s_line with { Instance = null });
        _part.Begin();
        _daemons.Await("+m0 +b0");
        _part.Dispose();
        _daemons.Await("+m0 +b0 -m -b");
    }

    [Fact]
    public void Reload_RestartsOnlyWhatDiffers()
    {
        Load(s_line with { Id = 7 });
        _part.Begin();
        _part.Follow("VI", isMaster: true);
        _daemons.AwaitEnd("+m7");
        int steps = _daemons.Steps;
        Load(s_line with { Id = 7 });
        _part.Follow("VI", isMaster: true);
        Load(s_line with { Id = 8 });
        _daemons.AwaitEnd("-m +m8");
        _daemons.Steps.ShouldBe(steps + 2);
        Load(null);
        _daemons.AwaitEnd("-m +m8 -m");
        _part.ReadStatus().ShouldBeEmpty();
    }

    [Fact]
    public void Reload_ThatNamesAnInstanceNotHeardOfYet_LeavesTheRole()
    {
        Load(s_line with { Id = 7 });
        _part.Begin();
        _part.Follow("VI", isMaster: true);
        _daemons.AwaitEnd("+m7");
        int steps = _daemons.Steps;
        Load(s_line with { Id = 7, Instance = "Other" });
        _part.Follow("Other", isMaster: true);
        Load(s_line with { Id = 9, Instance = "Other" });
        _daemons.AwaitEnd("-m +m9");
        _daemons.Steps.ShouldBe(steps + 2);
    }

    [Fact]
    public void Daemon_ThatCannotStart_IsTriedAgainAndSaidOnce()
    {
        _daemons.Refusals = 3;
        Load(s_line);
        _part.Begin();
        _daemons.Await("+b51");
        _log.ShouldBe(["sync: the backup on eth1, syncid 51, cannot start: there is no eth1", "sync: started the backup on eth1, syncid 51"]);
    }

    [Fact]
    public void Daemon_StartedByHand_GivesWay()
    {
        _daemons.Start(new SyncDaemonRule { IsMaster = false, SyncId = 1 });
        Load(s_line);
        _part.Begin();
        _daemons.Await("+b1 -b +b51");
        _daemons.Start(new SyncDaemonRule { IsMaster = true, SyncId = 2 });
        _part.Follow("VI", isMaster: true);
        _daemons.Await("+b1 -b +b51 +m2 -b -m +m51");
    }

    private sealed class Recorder : ISyncDaemons
    {
        private readonly Lock _gate = new();
        private readonly List<string> _steps = [];
        private readonly Dictionary<bool, SyncDaemonRule> _running = [];

        public int Refusals { get; set; }

        public SyncDaemonRule? Last { get; private set; }

        public int Steps
        {
            get { lock (_gate) return _steps.Count; }
        }

        public RuleResult Start(SyncDaemonRule rule)
        {
            lock (_gate)
            {
                if (_running.ContainsKey(rule.IsMaster)) return RuleStatus.EEXIST;
                if (Refusals-- > 0) return new RuleResult(RuleStatus.ENODEV, $"there is no {rule.Interface}");
                _running[rule.IsMaster] = Last = rule;
                _steps.Add($"+{(rule.IsMaster ? 'm' : 'b')}{rule.SyncId}");
                return RuleResult.Ok;
            }
        }

        public RuleResult Stop(bool isMaster)
        {
            lock (_gate)
            {
                if (!_running.Remove(isMaster)) return RuleStatus.ESRCH;
                _steps.Add($"-{(isMaster ? 'm' : 'b')}");
                return RuleResult.Ok;
            }
        }

        public void Await(string steps) => AwaitEnd(steps, isWhole: true);

        public void AwaitEnd(string steps, bool isWhole = false)
        {
            string now = "";
            SpinWait.SpinUntil(() =>
            {
                lock (_gate) now = string.Join(' ', _steps);
                return isWhole ? now == steps : now.EndsWith(steps, StringComparison.Ordinal);
            }, 10_000).ShouldBeTrue(now);
        }
    }
}
