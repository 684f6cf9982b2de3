using NetVS.Keepalived.Model;
using NetVS.Scripts;

namespace NetVS.Failover.Tests.Scripts;

/// <summary>Which scripts run, under whom, in which order, and for how long.</summary>
public sealed class ScriptTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-scripts-").FullName;
    private readonly List<string> _log = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ScriptCommand Command(params string[] arguments) => new() { Arguments = arguments };

    private void Note(string line)
    {
        lock (_log) _log.Add(line);
    }

    [Fact]
    public void Security_WantsAUser_AndForRootAPathThatIsRootsAlone()
    {
        var root = new ScriptPolicy(true, new ScriptAccount("root", null));
        root.FindRefusal(Command("/usr/bin/env")).ShouldBeNull();
        root.FindRefusal(Command("env")).ShouldBeNull("it is found in PATH");
        root.FindRefusal(Command("/nosuch/script")).ShouldBe("/nosuch/script is not found, and enable_script_security is set");
        (root with { Default = ScriptAccount.Own }).FindRefusal(Command("/usr/bin/env")).ShouldBe("enable_script_security is set, and there is no script_user and no user keepalived_script");
        (root with { IsSecure = false }).FindRefusal(Command("/nosuch/script")).ShouldBeNull();

        // A sticky directory lets nobody remove the file, but root's programs do not belong where others put theirs.
        string script = Path.Combine(_folder, "script"), link = Path.Combine("/run", Path.GetFileName(_folder));
        File.WriteAllText(script, "#!/bin/sh\n");
        root.FindRefusal(Command(script)).ShouldBe($"{Path.GetDirectoryName(_folder)} may be written by others than root, and enable_script_security is set");
        (root with { Default = new ScriptAccount("nobody", null) }).FindRefusal(Command(script)).ShouldBeNull("only root's are looked at");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "the rest needs root: makes a link in /run");
        File.CreateSymbolicLink(link, script);
        try
        {
            root.FindRefusal(Command(link)).ShouldNotBeNull().ShouldContain("may be written by others", Case.Sensitive, "what the link points to counts");
        }
        finally
        {
            File.Delete(link);
        }
    }

    [Fact]
    public async Task Script_RunsUnderItsAccount_WithItsWordsAsTheyAre()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: changes the account");
        ScriptOutcome outcome = await ScriptRunner.RunAsync(Command("/bin/sh", "-c", "id -un; echo \"$1\"; exit 3", "x") with { User = "nobody" }, ScriptPolicy.Open, s_patience, CancellationToken.None, "a $b;c");
        outcome.ShouldBe(new ScriptOutcome(3, false, "nobody?a $b;c"));
        (await ScriptRunner.RunAsync(Command("/nosuch"), ScriptPolicy.Open, s_patience, CancellationToken.None)).ShouldBe(new ScriptOutcome(null, false, "/nosuch is not found"));
    }

    [Fact]
    public async Task Script_ThatTakesTooLong_IsEndedWithAllItStarted()
    {
        string child = Path.Combine(_folder, "child");
        ScriptOutcome outcome = await ScriptRunner.RunAsync(Command("/bin/sh", "-c", $"sleep 1000 & echo $! > {child}; wait"), ScriptPolicy.Open, TimeSpan.FromSeconds(0.5), CancellationToken.None);
        outcome.IsTimedOut.ShouldBeTrue();
        string process = (await File.ReadAllTextAsync(child, TestContext.Current.CancellationToken)).Trim();
        SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{process}") || File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal), s_patience).ShouldBeTrue("the sleep has ended");
    }

    [Fact]
    public async Task Script_ThatPrintsMegabytes_IsReadToItsEnd_AndItsBeginningKept()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        ScriptOutcome outcome = await ScriptRunner.RunAsync(
            Command("/bin/sh", "-c", "echo first; head -c 16000000 /dev/zero | tr '\\0' x; echo 1>&2; exit 7"), ScriptPolicy.Open, s_patience * 3, CancellationToken.None);
        outcome.Status.ShouldBe(7);
        outcome.Detail.ShouldStartWith("first?xxx");
        outcome.Detail.Length.ShouldBeLessThanOrEqualTo(400);
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(8 << 20);
    }

    [Fact]
    public async Task Scripts_ThatFork_AndHoldTheOutputOpen_AreNotWaitedFor()
    {
        ScriptOutcome outcome = await ScriptRunner.RunAsync(Command("/bin/sh", "-c", "(setsid sleep 30 &) ; exit 0"), ScriptPolicy.Open, s_patience, CancellationToken.None);
        (outcome.Status, outcome.IsTimedOut).ShouldBe((0, false));
    }

    [Fact]
    public void Queue_KeepsTheOrder_AndDropsWhatIsTooMuch()
    {
        string told = Path.Combine(_folder, "told"), go = Path.Combine(_folder, "go");
        var queue = new ScriptQueue(2, Note);
        queue.Add(Command("/bin/sh", "-c", $"while [ ! -e {go} ]; do sleep 0.02; done; echo first >> {told}"), ScriptPolicy.Open, "first");
        for (int i = 0; i < 5; i++) queue.Add(Command("/bin/sh", "-c", $"echo \"$1\" >> {told}; exit $1", "x"), ScriptPolicy.Open, $"number {i}", $"{i}");
        File.WriteAllText(go, "");
        queue.End(s_patience).ShouldBeTrue();
        string[] lines = File.ReadAllLines(told);
        lines.ShouldBe(["first", .. lines.Skip(1).Order()], "in their order");
        int dropped = _log.Count(l => l.EndsWith("is not run: 2 scripts wait already", StringComparison.Ordinal));
        (lines.Length + dropped).ShouldBe(6);
        dropped.ShouldBeGreaterThan(1);
        _log.Where(l => l.Contains("exit status", StringComparison.Ordinal)).ShouldAllBe(l => l.StartsWith("number ", StringComparison.Ordinal));
    }
}
