using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Hosts;
using NetVS.Keepalived.Keywords;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Validation;

namespace NetVS.Keepalived;

/// <summary>Reads keepalived.conf: the language, the keywords, and the checks of keepalived's config test, all in one go.</summary>
/// <remarks>
/// keepalived is several processes that each read the file; this is one reader that owns every block, so each mistake is reported
/// once. It stops nowhere: where keepalived would, what is found after that is marked and does not count for the exit status.
/// </remarks>
public static class KeepalivedReader
{
    /// <summary>Reads a file and all it includes.</summary>
    /// <param name="path">The file; may hold wildcards.</param>
    /// <param name="files">The file system.</param>
    /// <param name="host">The host it is meant for.</param>
    /// <param name="options">What it depends on besides.</param>
    public static KeepalivedReading Read(string path, IConfigurationFiles files, IHostFacts host, ReaderOptions options)
    {
        var diagnostics = new DiagnosticBag();
        var includes = new IncludeReader(files, diagnostics);
        var configuration = new KeepalivedConfiguration { Position = new SourcePosition(path, 1, 1) };
        var lines = new LineReader(includes, diagnostics, options);
        if (includes.OpenRoot(path))
        {
            var reader = new BlockReader(new StatementReader(lines, includes, diagnostics), lines, includes, diagnostics, host);
            configuration = reader.ReadBlock(RootKeywords.Table, configuration, isRoot: true);
            configuration = GlobalChecks.Check(configuration, diagnostics);
            configuration = VrrpChecks.Check(configuration, reader, diagnostics);
            configuration = VirtualServerChecks.Check(configuration, reader, diagnostics);
        }

        return new KeepalivedReading(configuration, Sort(diagnostics.Items), diagnostics.Omitted, ConfigTest.ExitStatus(diagnostics.Highest, diagnostics.HasMissingParameter))
        {
            Expansion = lines.Budget,
        };
    }

    // By files in the order of their first problem, then by line; what was found first stays first on a line.
    private static KeepalivedDiagnostic[] Sort(IReadOnlyList<KeepalivedDiagnostic> problems)
    {
        var files = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (KeepalivedDiagnostic problem in problems) files.TryAdd(problem.Position.File, files.Count);
        return [.. problems.OrderBy(p => files[p.Position.File]).ThenBy(p => p.Position.Line)];
    }
}
