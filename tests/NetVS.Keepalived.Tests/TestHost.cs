using NetVS.Keepalived.Hosts;

namespace NetVS.Keepalived.Tests;

/// <summary>A host of which a test says everything.</summary>
internal sealed class TestHost(params string[] interfaces) : IHostFacts
{
    public HashSet<string> Scripts { get; init; } = ["/bin/true"];

    public HashSet<string> Accounts { get; init; } = ["root", "nobody", "nogroup"];

    public bool HasInterface(string name) => name == "lo" || interfaces.Contains(name);

    public bool HasAccount(string name, bool isGroup) => Accounts.Contains(name);

    public bool CanExecute(string path) => Scripts.Contains(path);

    public bool IsIrregularFile(string path) => path.StartsWith("/dev/", StringComparison.Ordinal);
}
