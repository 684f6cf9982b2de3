using NetVS.Golden.Running;

namespace NetVS.Golden;

/// <summary>Plays every fixture under tests/NetVS.Golden; each file is one test.</summary>
public sealed class GoldenTests(KernelTwin kernel) : IClassFixture<KernelTwin>
{
    /// <summary>The variable that makes the runner rewrite fixtures that fail, for review as a diff.</summary>
    private const string RewriteVariable = "NETVS_GOLDEN_REWRITE";

    public static TheoryData<string> Fixtures => [.. Directory
        .EnumerateFiles(Folder(), "*.golden", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Folder(), f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Fixture_Played_GivesExactlyWhatItSays(string fixture)
    {
        string path = Path.Combine(Folder(), fixture);
        using var run = new GoldenRun(FixtureFile.Read(path), File.ReadAllText(Path.Combine(Folder(), "standard.network")));
        run.Play();
        if (run.Faults.Count == 0) return;
        if (Environment.GetEnvironmentVariable(RewriteVariable) == "1") File.WriteAllLines(path, [.. run.Rewritten()]);
        Assert.Fail(string.Join("\n", run.Faults));
    }

    /// <summary>The same frames, with a twin of the eBPF program in front of the director: what goes out, counts and states are the same.</summary>
    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Fixture_PlayedWithTheFastPathInFront_GivesTheSame(string fixture)
    {
        string path = Path.Combine(Folder(), fixture);
        using var run = new GoldenRun(FixtureFile.Read(path), File.ReadAllText(Path.Combine(Folder(), "standard.network")), isOffloaded: true);
        run.Play();
        TestContext.Current.SendDiagnosticMessage($"{fixture}: {run.Forwarded} frames forwarded by the twin");
        if (run.Faults.Count > 0) Assert.Fail(string.Join("\n", run.Faults));
    }

    /// <summary>The program itself, run by the kernel on every frame and the table as it is then, does and leaves octet for octet what its twin does.</summary>
    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Fixture_PlayedThroughTheKernelsProgram_GivesTheSame(string fixture)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "loading eBPF needs root");
        string path = Path.Combine(Folder(), fixture);
        int before = kernel.Runs;
        using var run = new GoldenRun(FixtureFile.Read(path), File.ReadAllText(Path.Combine(Folder(), "standard.network")), isOffloaded: true, kernel);
        run.Play();
        TestContext.Current.SendDiagnosticMessage($"{fixture}: {kernel.Runs - before} runs of the program");
        if (run.Faults.Count > 0) Assert.Fail(string.Join("\n", run.Faults));
    }

    internal static string Folder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new InvalidOperationException("not inside the repository"), "tests", "NetVS.Golden");
    }
}
