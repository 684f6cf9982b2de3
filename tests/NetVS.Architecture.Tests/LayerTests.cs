using System.Xml.Linq;

namespace NetVS.Architecture.Tests;

/// <summary>Who may know whom: the dependency rule, read from the project files themselves.</summary>
public sealed class LayerTests
{
    /// <summary>Lowest first; each project with all it may reference.</summary>
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["NetVS.Packets"] = [],
        ["NetVS.Memory"] = [],
        ["NetVS.Rules"] = ["NetVS.Packets"],
        ["NetVS.Vrrp"] = ["NetVS.Packets"],
        ["NetVS.Bfd"] = ["NetVS.Packets"],
        ["NetVS.Keepalived"] = ["NetVS.Packets", "NetVS.Rules"],
        ["NetVS.Sync"] = ["NetVS.Packets"],
        ["NetVS.Director"] = ["NetVS.Packets", "NetVS.Memory", "NetVS.Rules", "NetVS.Sync"],
        ["NetVS.Links"] = ["NetVS.Packets", "NetVS.Memory"],
        ["NetVS.Linux"] = ["NetVS.Packets", "NetVS.Memory", "NetVS.Director", "NetVS.Links"],
        ["NetVS.Workers"] = ["NetVS.Packets", "NetVS.Memory", "NetVS.Director", "NetVS.Links"],
        ["NetVS.Control"] = ["NetVS.Packets", "NetVS.Rules", "NetVS.Sync", "NetVS.Keepalived", "NetVS.Director"],
        ["NetVS.Scripts"] = ["NetVS.Keepalived", "NetVS.Linux"],
        ["NetVS.Health"] = ["NetVS.Packets", "NetVS.Rules", "NetVS.Keepalived", "NetVS.Control", "NetVS.Scripts"],
        ["NetVS.Api"] = ["NetVS.Packets", "NetVS.Rules", "NetVS.Director", "NetVS.Control"],
        ["NetVS.Failover"] = ["NetVS.Packets", "NetVS.Keepalived", "NetVS.Vrrp", "NetVS.Bfd", "NetVS.Linux", "NetVS.Control", "NetVS.Scripts"],
        ["NetVS.RealServer"] = ["NetVS.Packets", "NetVS.Linux"],
        ["NetVS.Lab"] = ["NetVS.Packets", "NetVS.Linux"],
        ["NetVS.Bench"] = ["NetVS.Packets", "NetVS.Director", "NetVS.Linux"],
        ["NetVS"] =
        [
            "NetVS.Packets", "NetVS.Memory", "NetVS.Rules", "NetVS.Keepalived", "NetVS.Director", "NetVS.Links", "NetVS.Linux",
            "NetVS.Workers", "NetVS.Control", "NetVS.Health", "NetVS.Api", "NetVS.RealServer", "NetVS.Lab", "NetVS.Bench", "NetVS.Vrrp",
            "NetVS.Failover",
        ],
    };

    [Fact]
    public void EveryProject_ReferencesOnlyWhatStandsBelowIt()
    {
        string src = Path.Combine(RepositoryRoot(), "src");
        string[] projects = [.. Directory.GetFiles(src, "*.csproj", SearchOption.AllDirectories)];
        projects.Length.ShouldBe(s_allowed.Count, "every project under src/ has its line in the dependency rule");
        foreach (string project in projects)
        {
            string name = Path.GetFileNameWithoutExtension(project);
            s_allowed.ShouldContainKey(name);
            IEnumerable<string> references = XDocument.Load(project).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!));
            foreach (string reference in references)
                s_allowed[name].ShouldContain(reference, $"{name} must not know {reference}");
        }
    }

    [Fact]
    public void OnlyMemoryAndLinux_AllowUnsafeBlocks()
    {
        string src = Path.Combine(RepositoryRoot(), "src");
        foreach (string project in Directory.GetFiles(src, "*.csproj", SearchOption.AllDirectories))
        {
            bool isUnsafe = XDocument.Load(project).Descendants("AllowUnsafeBlocks").Any(e => (string)e == "true");
            string name = Path.GetFileNameWithoutExtension(project);
            isUnsafe.ShouldBe(name is "NetVS.Memory" or "NetVS.Linux", name);
        }
    }

    internal static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("not inside the repository");
    }
}
