using System.Text.Json;
using NetVS.Golden.Running;

namespace NetVS.Golden.Oracle;

/// <summary>A kernel with IPVS, which is asked about all scenarios at once: starting it takes longer than most of them.</summary>
public sealed class OracleGuest
{
    private readonly Lazy<KernelReport> _report = new(Ask);

    /// <summary>Every fixture and scenario, by its path from the fixtures' folder.</summary>
    internal static IEnumerable<string> Names => Directory
        .EnumerateFiles(GoldenTests.Folder(), "*", SearchOption.AllDirectories)
        .Where(f => Path.GetExtension(f) is ".golden" or ".scenario")
        .Select(f => Path.GetRelativePath(GoldenTests.Folder(), f)).Where(OracleKernel.Wants).Order(StringComparer.Ordinal);

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
            OracleKernel.Run(
                folder, "/usr/bin/python3", Path.Combine(GoldenTests.Folder(), "Oracle", "player.py"), "/run/folder/scenarios.json", "/run/folder/answers.json");
            return JsonSerializer.Deserialize<KernelReport>(File.ReadAllText(Path.Combine(folder, "answers.json")), KernelScenario.Json)!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
