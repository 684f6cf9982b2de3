using System.Diagnostics;
using System.Text.Json;
using NetVS.Golden.Running;

namespace NetVS.Golden.Oracle;

/// <summary>A kernel with IPVS, which is asked about all scenarios at once: starting it takes longer than most of them.</summary>
public sealed class OracleGuest
{
    private const string Variable = "NETVS_ORACLE";
    private readonly Lazy<KernelReport> _report = new(Ask);

    /// <summary>1 for all, or a part of the names of those that are wanted; building the kernel takes minutes, so somebody must want it.</summary>
    private static string Wanted => Environment.GetEnvironmentVariable(Variable) ?? "";

    /// <summary>Whether there is to be a comparison.</summary>
    public static bool IsWanted => Wanted.Length > 0;

    private static string Root => Path.GetFullPath(Path.Combine(GoldenTests.Folder(), "..", ".."));

    /// <summary>Every fixture and scenario, by its path from the fixtures' folder.</summary>
    internal static IEnumerable<string> Names => Directory
        .EnumerateFiles(GoldenTests.Folder(), "*", SearchOption.AllDirectories)
        .Where(f => Path.GetExtension(f) is ".golden" or ".scenario")
        .Select(f => Path.GetRelativePath(GoldenTests.Folder(), f)).Where(n => Wanted == "1" || n.Contains(Wanted, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>The answers about one of them.</summary>
    internal KernelAnswers Find(string name) => _report.Value.Answers[name];

    /// <summary>Plays one of them to the director.</summary>
    internal static DirectorPlay Play(string name)
    {
        var play = new DirectorPlay(Read(name), File.ReadAllText(Path.Combine(GoldenTests.Folder(), "standard.network")));
        play.Play();
        return play;
    }

    internal static FixtureFile Read(string name) => FixtureFile.Read(Path.Combine(GoldenTests.Folder(), name));

    private static KernelReport Ask()
    {
        List<KernelScenario> scenarios = [];
        foreach (string name in Names.Where(n => DirectorPlay.WhyNot(Read(n)) is null))
        {
            try
            {
                using DirectorPlay play = Play(name);
                scenarios.Add(play.ToScenario(name));
            }
            catch (GoldenException)
            {
                // Its own test says what is wrong with it; the others go on.
            }
        }

        string folder = Directory.CreateTempSubdirectory("netvs-oracle-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "scenarios.json"), JsonSerializer.Serialize(scenarios, KernelScenario.Json));
            using var process = Process.Start(new ProcessStartInfo(
                Path.Combine(Root, "build", "oracle", "run.sh"),
                [folder, "/usr/bin/python3", Path.Combine(GoldenTests.Folder(), "Oracle", "player.py"), "/run/folder/scenarios.json", "/run/folder/answers.json"])
            { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            string output = Path.Combine(folder, "output");
            if (process.ExitCode != 0)
                throw new GoldenException($"the kernel gave no answers: {error}\n{(File.Exists(output) ? File.ReadAllText(output) : "")}");
            return JsonSerializer.Deserialize<KernelReport>(File.ReadAllText(Path.Combine(folder, "answers.json")), KernelScenario.Json)!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
