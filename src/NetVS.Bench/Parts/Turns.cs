using System.Globalization;
using NetVS.Linux;

namespace NetVS.Bench.Parts;

/// <summary>Takes one measurement after the other, and gives up what cannot be measured without giving up the rest.</summary>
/// <param name="part">The part they belong to.</param>
/// <param name="options">How many repetitions there are, and who is told.</param>
/// <param name="skipped">Receives what was given up, with the reason.</param>
internal sealed class Turns(string part, BenchOptions options, List<string> skipped)
{
    private readonly HashSet<(string, string)> _given = [];

    /// <summary>Takes one measurement, unless the same one failed before.</summary>
    public void Take(int repetition, string load, string subject, Action measure)
    {
        if (_given.Contains((load, subject))) return;
        options.Progress?.Invoke(string.Create(
            CultureInfo.InvariantCulture, $"{part}, repetition {repetition + 1} of {options.Repetitions}, {load}: {subject}"));
        try
        {
            measure();
        }
        catch (Exception problem) when (problem is BenchException or KernelCallException)
        {
            // The same reason under every load is said once.
            string reason = string.Join("; ", problem.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            if (!skipped.Any(s => s.StartsWith($"{part}, {subject}, ", StringComparison.Ordinal) && s.EndsWith(reason, StringComparison.Ordinal)))
                skipped.Add($"{part}, {subject}, {load}: {reason}");
            _given.Add((load, subject));
        }
    }
}
