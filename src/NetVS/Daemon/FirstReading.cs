using NetVS.Commands;
using NetVS.Control.Rules;
using NetVS.Keepalived;
using NetVS.Keepalived.Diagnostics;

namespace NetVS.Daemon;

/// <summary>The keepalived.conf as the daemon has found it at its start: read at once, and checked while the daemon gets ready.</summary>
/// <remarks>What is wrong with the file alone ends the start before anything else is tried; its rules are rehearsed beside the eBPF program's way into the kernel.</remarks>
internal sealed class FirstReading
{
    private readonly RunOptions _options;
    private Task<WholeCheck>? _check;
    private WholeCheck? _checked;
    private KeepalivedReading? _reading;

    private FirstReading(RunOptions options, KeepalivedReading reading, Task<WholeCheck> check)
    {
        _options = options;
        _reading = reading;
        _check = check;
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="DaemonException">It has errors.</exception>
    public static FirstReading Of(RunOptions options)
    {
        KeepalivedReading reading = Read(options);
        bool hasErrors = reading.Problems.Any(p => p.Severity == DiagnosticSeverity.Error);
        var first = new FirstReading(options, reading, hasErrors ? Task.FromResult(WholeCheck.Of(reading)) : Task.Run(() => WholeCheck.Of(reading)));
        if (hasErrors) first.Finish();
        return first;
    }

    /// <summary>Waits for the check.</summary>
    /// <exception cref="DaemonException">The configuration has errors.</exception>
    public void Finish()
    {
        if (_check is null) return;
        _checked = _check.GetAwaiter().GetResult();
        _check = null;
        KeepalivedDiagnostic[] errors = [.. _checked.Whole.Problems.Where(p => p.Severity == DiagnosticSeverity.Error)];
        if (errors.Length > 0) throw new DaemonException([.. errors.Select(DiagnosticText.Format), "netvs: the configuration has problems: nothing was started"]);
    }

    /// <summary>What was checked is what is loaded first; after that the file is read again.</summary>
    public KeepalivedReading Take() => Interlocked.Exchange(ref _reading, null) ?? Read(_options);

    /// <summary>The rehearsal of the first reading, once; null for any other, and before <see cref="Finish"/>.</summary>
    public KeepalivedCheck? FindRehearsal(KeepalivedReading reading) =>
        Interlocked.Exchange(ref _checked, null) is { } check && ReferenceEquals(check.Rules.Reading, reading) ? check.Rules : null;

    private static KeepalivedReading Read(RunOptions options) => CheckCommand.Read(options.ConfigurationFile!, isOffline: false, options.ConfigurationId, waitsForInterfaces: true);
}
