using System.Diagnostics;
using NetVS.Golden.Running;

namespace NetVS.Golden.Oracle;

/// <summary>The kernel that NetVS is compared with (<c>build/oracle</c>): an older one than most machines run, as an ordinary process.</summary>
internal static class OracleKernel
{
    private const string Variable = "NETVS_ORACLE";

    /// <summary>Whether it may be used; building it takes minutes, so somebody must want it.</summary>
    public static bool IsWanted => Wanted.Length > 0;

    private static string Wanted => Environment.GetEnvironmentVariable(Variable) ?? "";

    /// <summary>Whether a fixture is to be played: the variable is 1 for all, or a part of the names of those that are wanted.</summary>
    public static bool Wants(string fixture) => Wanted == "1" || fixture.Contains(Wanted, StringComparison.Ordinal);

    private static string Root => Path.GetFullPath(Path.Combine(GoldenTests.Folder(), "..", ".."));

    /// <summary>Boots it, runs a program there as root, and waits for its end.</summary>
    /// <param name="folder">What the program finds under <c>/run/folder</c>, and the only place where it can write.</param>
    /// <param name="command">The program's path and its arguments.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="GoldenException">It failed, or the kernel died: with what they said.</exception>
    public static string Run(string folder, params ReadOnlySpan<string> command)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(Root, "build", "oracle", "run.sh"), [folder, .. command]) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        string output = Path.Combine(folder, "output");
        string said = File.Exists(output) ? File.ReadAllText(output) : "";
        return process.ExitCode == 0 ? said : throw new GoldenException($"{command[0]} failed under the other kernel: {error}\n{said}");
    }
}
