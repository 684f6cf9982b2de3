namespace NetVS.Health.Tests;

/// <summary>Virtual servers by what scripts say of their real servers: weights, quorum, sorry server, notifications, reload.</summary>
/// <remarks>The checks are scripts that look at a file, with times of some milliseconds: what is waited for is polled.</remarks>
public sealed class HealthPartTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("netvs-test-").FullName;
    private readonly HealthRig _rig = new();

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string Status(int server) => Path.Combine(_directory, $"s{server}");

    private void Set(int server, int status) => File.WriteAllText(Status(server), status.ToString());

    private string Told => File.Exists(Path.Combine(_directory, "told")) ? File.ReadAllText(Path.Combine(_directory, "told")).ReplaceLineEndings(" ").Trim() : "";

    private string Tell(string what) => $"\"/bin/sh -c 'echo {what} >> {_directory}/told'\"";

    private string Server(int n, string more = "", string check = "") =>
        $"real_server 10.0.0.{n} 80 {{\n weight 2\n {more}\n MISC_CHECK {{\n misc_path \"/bin/sh -c 'exit $(cat {Status(n)})'\"\n misc_timeout 9\n delay_loop 0.05\n warmup 0\n {check}\n }}\n }}\n";

    private static string Virtual(string servers, string more = "") =>
        $"virtual_server 192.0.2.1 80 {{\n protocol TCP\n lvs_sched rr\n lvs_method DR\n {more}\n {servers} }}\n";

    private async Task Begin(string text)
    {
        Directory.CreateDirectory(_directory);
        _rig.Load(text).Problems.ShouldBeEmpty();
        _rig.Configuration.Begin();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task RealServer_WhoseCheckFails_Leaves_AndReturns()
    {
        Set(1, 0);
        Set(2, 0);
        await Begin(Virtual(Server(1, $"notify_up {Tell("up1")}\n notify_down {Tell("down1")}") + Server(2)));
        _rig.Rules.ShouldBe("10.0.0.1:80=2 10.0.0.2:80=2");
        Set(1, 1);
        await _rig.Until(() => _rig.Rules == "10.0.0.2:80=2", "the failed server leaves");
        _rig.Log.ShouldContain("Misc check for [10.0.0.1]:tcp:80 failed: exited with status 1");
        _rig.Log.ShouldContain("Removing service [10.0.0.1]:tcp:80 from VS [192.0.2.1]:tcp:80");
        _rig.Part.ReadStatus()[1].ShouldContain("10.0.0.1:80 is down");
        Set(1, 0);
        await _rig.Until(() => _rig.Rules == "10.0.0.2:80=2 10.0.0.1:80=2", "the server returns");
        await _rig.Until(() => Told == "down1 up1", "notifications come in order");
        var check = _rig.Health.VirtualServers[0].RealServers[0].Checks[0];
        check.Changes.Select(c => c.IsUp).ShouldBe([false, true]);
        check.LastError.ShouldBeEmpty();
        check.Latency.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task SorryServer_TakesOver_WhenTheLastServerHasGone()
    {
        Set(1, 0);
        Set(2, 0);
        await Begin(Virtual(Server(1) + Server(2), $"sorry_server 10.0.0.9 80\n quorum_up {Tell("gained")}\n quorum_down {Tell("lost")}"));
        Set(1, 1);
        await _rig.Until(() => _rig.Rules == "10.0.0.2:80=2", "one has gone");
        Set(2, 1);
        await _rig.Until(() => _rig.Rules == "10.0.0.9:80=1", "the sorry server has taken over");
        _rig.Log.ShouldContain("Lost quorum 1-0=1 > 0 for VS [192.0.2.1]:tcp:80; Adding sorry server [10.0.0.9]:tcp:80 to VS [192.0.2.1]:tcp:80");
        Set(2, 0);
        await _rig.Until(() => _rig.Rules == "10.0.0.2:80=2", "it goes when one has returned");
        await _rig.Until(() => Told == "gained lost gained", "the quorum was told in order");
    }

    [Fact]
    public async Task Panic_WhenMostHaveFailed_UsesAllOfThem_AndNoSorryServer()
    {
        for (int n = 1; n <= 3; n++) Set(n, 0);
        await Begin(Virtual(Server(1) + Server(2) + Server(3), "panic_threshold 50\n sorry_server 10.0.0.9 80"));
        Set(1, 1);
        await _rig.Until(() => _rig.Rules == "10.0.0.2:80=2 10.0.0.3:80=2", "one of three is left out");
        Set(2, 1);
        await _rig.Until(() => _rig.Rules.Split(' ').Order().SequenceEqual(["10.0.0.1:80=2", "10.0.0.2:80=2", "10.0.0.3:80=2"]), "two of three are too many: all are used");
        _rig.Log.ShouldContain("Panic for VS [192.0.2.1]:tcp:80: 2 of 3 real servers have failed, more than 50 %: all of them are used again");
        _rig.Part.ReadStatus().ShouldContain(l => l.Contains("panic: more than 50 % of its real servers have failed"));
        Set(3, 1);
        await _rig.Until(() => _rig.Log.Contains("Lost quorum", StringComparison.Ordinal), "the last one fails too");
        _rig.Rules.Split(' ').Length.ShouldBe(3, _rig.Rules);
        _rig.Rules.ShouldNotContain("10.0.0.9");
        Set(2, 0);
        Set(3, 0);
        await _rig.Until(() => _rig.Rules.Split(' ').Order().SequenceEqual(["10.0.0.2:80=2", "10.0.0.3:80=2"]), "the panic is over");
        _rig.Log.ShouldContain("Panic over for VS [192.0.2.1]:tcp:80");
    }

    [Fact]
    public async Task BfdCheck_FollowsItsSession_AndSaysNothingBeforeItWasUp()
    {
        string text = $"bfd_instance b {{\n neighbor_ip 10.0.0.1\n}}\n{Virtual("real_server 10.0.0.1 80 {\n BFD_CHECK {\n name b\n }\n }\n real_server 10.0.0.2 80 {\n BFD_CHECK {\n name b\n alpha\n }\n }\n")}";
        await Begin(text);
        _rig.Rules.ShouldBe("10.0.0.1:80=1");
        _rig.Part.NoteBfd("b");
        _rig.Rules.ShouldBe("10.0.0.1:80=1");
        _rig.BfdUp = true;
        _rig.Part.NoteBfd("b");
        _rig.Rules.ShouldBe("10.0.0.1:80=1 10.0.0.2:80=1");
        _rig.BfdUp = false;
        _rig.Part.NoteBfd("b");
        _rig.Rules.ShouldBe("");
        _rig.Part.ReadStatus().ShouldContain(l => l.Contains("10.0.0.1:80 is down") && l.Contains("BFD_CHECK of bfd_instance b: the session is down"));
    }

    [Fact]
    public async Task Inhibited_Servers_StayWithWeightZero()
    {
        Set(1, 0);
        await Begin(Virtual(Server(1), "inhibit_on_failure\n sorry_server 10.0.0.9 80\n sorry_server_inhibit"));
        _rig.Rules.ShouldBe("10.0.0.1:80=2 10.0.0.9:80=0");
        Set(1, 1);
        await _rig.Until(() => _rig.Rules == "10.0.0.1:80=0 10.0.0.9:80=1", "the roles change");
    }

    [Fact]
    public async Task DynamicWeight_IsTheExitStatusLessTwo()
    {
        Set(1, 0);
        await Begin(Virtual(Server(1, check: "misc_dynamic")));
        Set(1, 9);
        await _rig.Until(() => _rig.Rules == "10.0.0.1:80=7", "the weight is 9 - 2");
        _rig.Log.ShouldContain("Changing weight from 2 to 7 for active service [10.0.0.1]:tcp:80 of VS [192.0.2.1]:tcp:80");
        Set(1, 0);
        await _rig.Until(() => _rig.Rules == "10.0.0.1:80=2", "0 is the configured weight");
    }

    [Fact]
    public async Task Alpha_KeepsServersOut_UntilTheyHaveAnswered()
    {
        Set(1, 1);
        Set(2, 0);
        await Begin(Virtual(Server(1, $"notify_down {Tell("down")}") + Server(2), "alpha"));
        _rig.Rules.ShouldBeEmpty();
        await _rig.Until(() => _rig.Rules == "10.0.0.2:80=2" && Told == "down", "the second has answered, and the first's failure is told once");
    }

    [Fact]
    public async Task Quorum_WithHysteresis_IsLostAndGainedApart()
    {
        for (int i = 1; i <= 3; i++) Set(i, 0);
        await Begin(Virtual(Server(1) + Server(2) + Server(3), "quorum 4\n hysteresis 1\n sorry_server 10.0.0.9 80"));
        Set(1, 1);
        await _rig.Until(() => _rig.Rules == "10.0.0.2:80=2 10.0.0.3:80=2", "4 is not below 4 - 1");
        Set(2, 1);
        await _rig.Until(() => _rig.Rules == "10.0.0.9:80=1", "2 is");
        Set(2, 0);
        await _rig.Until(() => _rig.Health.VirtualServers[0].RealServers[1].IsUp, "the second is up");
        _rig.Rules.ShouldBe("10.0.0.9:80=1", "4 is below 4 + 1");
        Set(1, 0);
        await _rig.Until(() => _rig.Rules == "10.0.0.1:80=2 10.0.0.2:80=2 10.0.0.3:80=2", "6 is enough");
    }

    [Fact]
    public async Task Reload_KeepsWhatWasFoundOut()
    {
        Set(1, 1);
        Set(2, 0);
        await Begin(Virtual(Server(1) + Server(2)));
        await _rig.Until(() => _rig.Rules == "10.0.0.2:80=2", "the first has failed");
        _rig.Load(Virtual(Server(1, check: "retry 3") + Server(2) + Server(3))).Steps.Select(s => s.ToString()).ShouldBe(["-a -t 192.0.2.1:80 -r 10.0.0.3:80 -g -w 2"]);
        _rig.Rules.ShouldBe("10.0.0.2:80=2 10.0.0.3:80=2");
        _rig.Health.VirtualServers[0].RealServers[0].Checks[0].Changes.Count.ShouldBe(1);
        Set(1, 0);
        await _rig.Until(() => _rig.Rules.Contains("10.0.0.1:80=2", StringComparison.Ordinal), "it is still checked");
    }

    [Fact]
    public async Task Reload_OfABadFile_ChangesNothing_AndChecksGoOn()
    {
        Set(1, 0);
        await Begin(Virtual(Server(1)));
        _rig.Load(Virtual(Server(2)) + "nosuch\n").Problems.ShouldNotBeEmpty();
        _rig.Load("virtual_server 192.0.2.9 80 {\n protocol TCP\n lvs_sched rr\n lvs_method DR\n real_server 10.0.0.1 80 {\n HTTP_GET {\n url {\n path /\n regex a(\n }\n }\n }\n}\n")
            .Problems[0].Message.ShouldContain("regex");
        _rig.Rules.ShouldBe("10.0.0.1:80=2");
        Set(1, 1);
        await _rig.Until(() => _rig.Rules.Length == 0, "it is still checked");
    }

    [Fact]
    public async Task Omega_TellsOfTheEnd()
    {
        Set(1, 0);
        await Begin(Virtual(Server(1, $"notify_down {Tell("down")}"), $"omega\n quorum_up {Tell("gained")}\n quorum_down {Tell("lost")}"));
        _rig.Configuration.End(isForwardingKept: false);
        Told.ShouldBe("gained down lost");
    }

    [Fact]
    public async Task Suspended_Checks_AreNotMade_UntilTheAddressIsHere()
    {
        _rig.IsVipHere = false;
        Set(1, 1);
        await Begin(Virtual(Server(1), "ha_suspend"));
        await _rig.Until(() => _rig.Health.VirtualServers[0].RealServers[0].Checks[0].IsSuspended, "the check is suspended");
        _rig.Rules.ShouldBe("10.0.0.1:80=2");
        _rig.IsVipHere = true;
        await _rig.Until(() => _rig.Rules.Length == 0, "the check is made");
    }

    [Fact]
    public async Task TrackedFile_TakesAServerOut_AndChangesItsWeight()
    {
        string file = Path.Combine(_directory, "number");
        string text = $"track_file t {{\n file {file}\n weight 1\n init_file 3\n}}\n" +
            Virtual("real_server 10.0.0.1 80 {\n weight 2\n FILE_CHECK {\n track_file t\n }\n }\n real_server 10.0.0.2 80 {\n FILE_CHECK {\n track_file t\n weight 0 reverse\n }\n }\n");
        await Begin(text);
        _rig.Rules.ShouldBe("10.0.0.1:80=5 10.0.0.2:80=1");
        File.WriteAllText(file, "0");
        await _rig.Until(() => _rig.Rules == "10.0.0.1:80=2", "0 takes the second out");
        File.WriteAllText(file, "-0x10");
        await _rig.Until(() => _rig.Rules.StartsWith("10.0.0.1:80=0", StringComparison.Ordinal), "a weight is not below 0");
    }

    [Fact]
    public async Task Pipe_IsToldOfServersAndQuorumsInTheirOrder()
    {
        string pipe = Path.Combine(_directory, "pipe");
        Set(1, 0);
        await Begin($"global_defs {{\n lvs_notify_fifo {pipe}\n}}\n" + Virtual(Server(1)));
        using var reader = new StreamReader(new FileStream(pipe, FileMode.Open, FileAccess.Read));
        async Task Expect(string line) => (await Task.Run(reader.ReadLine).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBe(line);
        await Expect("VS [192.0.2.1]:tcp:80 UP");
        foreach ((int status, string state) in new[] { (1, "DOWN"), (0, "UP") })
        {
            Set(1, status);
            await Expect($"RS [10.0.0.1]:tcp:80 [192.0.2.1]:tcp:80 {state}");
            await Expect($"VS [192.0.2.1]:tcp:80 {state}");
        }

        _rig.Part.Dispose();
        File.Exists(pipe).ShouldBeFalse("what was made is removed");
    }

    [Fact]
    public async Task Scripts_ThatOthersCouldChange_AreNotRunAsRoot()
    {
        Set(1, 0);
        string script = Path.Combine(_directory, "sh");
        File.WriteAllText(script, "#!/bin/sh\n");
        File.SetUnixFileMode(script, (UnixFileMode)0b111_111_111);
        await Begin("global_defs {\n enable_script_security\n script_user root\n}\n" + Virtual(Server(1).Replace("/bin/sh", script, StringComparison.Ordinal)));
        await _rig.Until(() => _rig.Log.Contains($"{script} may be written by others than root, and enable_script_security is set", StringComparison.Ordinal), "the script is refused by name");
        _rig.Rules.ShouldBe("10.0.0.1:80=2", "a check that cannot be made says nothing");
    }
}
