using System.Text.Json;
using NetVS.Bench.Wires;

namespace NetVS.Bench.Paths;

/// <summary>The executable that is measured.</summary>
/// <param name="path">Where it is.</param>
internal sealed class NetVsProgram(string path)
{
    private string? _help;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Whether <c>netvs run</c> has an option.</summary>
    public bool Knows(string option)
    {
        try
        {
            _help ??= Tool.Run(path, ["run", "--help"]);
        }
        catch (BenchException)
        {
            // It is said when it is to be measured.
            _help = "";
        }

        return _help.Contains(option, StringComparison.Ordinal);
    }

    /// <summary>What the daemon at a control socket says of itself.</summary>
    public JsonDocument ReadStatus(string socket) => JsonDocument.Parse(Tool.Run(path, ["status", "--json", "--socket", socket]));
}
