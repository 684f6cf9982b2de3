using NetVS.Linux.Host;

namespace NetVS.Bench.Wires;

/// <summary>One of the three hosts: a network namespace.</summary>
/// <param name="Name">The namespace's name.</param>
internal sealed record BenchHost(string Name)
{
    /// <summary>The file that enters it.</summary>
    public string Path => "/run/netns/" + Name;

    /// <summary>Runs <c>ip</c> commands in it, one a line.</summary>
    public void Ip(string lines) => Tool.Run("ip", ["-n", Name, "-batch", "-"], lines + "\n");

    /// <summary>Runs a program in it to its end.</summary>
    public string Run(string program, params string[] arguments) => Tool.Run("nsenter", Enter(program, arguments));

    /// <summary>The arguments for nsenter that run a program in it.</summary>
    public IEnumerable<string> Enter(string program, params IEnumerable<string> arguments) => ["--net=" + Path, "--", program, .. arguments];

    /// <summary>Sets a sysctl of it; false where the kernel has none of this name.</summary>
    public bool TrySetSysctl(string name, string value) => NetworkNamespace.Run(Path, () =>
    {
        string file = "/proc/sys/" + name.Replace('.', '/');
        if (!File.Exists(file)) return false;
        File.WriteAllText(file, value);
        return true;
    });
}
