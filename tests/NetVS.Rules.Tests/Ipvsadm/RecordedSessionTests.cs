using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Tests.Ipvsadm;

/// <summary>Every command line of Recorded/*.session answers as the real ipvsadm did on a kernel with IPVS.</summary>
/// <remarks>
/// The sessions avoid what we do differently on purpose: addresses whose signed order is circular, marks above 2^31, weights above
/// 65535 (ipvsadm's documentation forbids them, Debian's build lets them pass), the help text.
/// </remarks>
public sealed class RecordedSessionTests
{
    [Theory]
    [InlineData("options")]
    [InlineData("services")]
    [InlineData("servers")]
    [InlineData("checks")]
    public async Task EveryLine_AnswersAsIpvsadm(string name)
    {
        string[] lines = await File.ReadAllLinesAsync(
            Path.Combine(AppContext.BaseDirectory, "Ipvsadm", "Recorded", name + ".session"), TestContext.Current.CancellationToken);
        var target = new MemoryTarget();
        var differences = new List<string>();
        int commands = 0;
        for (int i = 0; i < lines.Length;)
        {
            string command = lines[i++];
            if (!command.StartsWith('$')) continue;
            commands++;
            string input = Join(lines, ref i, '<', bar: false);
            string output = Join(lines, ref i, '>', bar: true);
            string error = Join(lines, ref i, '!', bar: true);
            int status = i < lines.Length && lines[i].StartsWith('=') ? int.Parse(lines[i++][1..]) : 0;
            using var actualOutput = new StringWriter();
            using var actualError = new StringWriter();
            var program = new IpvsadmProgram(target, new TableNames(), new StringReader(input), actualOutput, actualError);
            int actualStatus = await program.RunAsync(Split(command[1..]));
            if (actualOutput.ToString() != output) differences.Add($"{command}\n  output {actualOutput}\n  expected {output}");
            if (actualError.ToString() != error) differences.Add($"{command}\n  error    {actualError}  expected {error}");
            if (actualStatus != status) differences.Add($"{command}: status {actualStatus}, expected {status}");
        }

        commands.ShouldBeGreaterThan(50);
        differences.ShouldBeEmpty(string.Join('\n', differences));
    }

    private static string[] Split(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w == "''" ? "" : w.Replace("\\s", " "))];

    private static string Join(string[] lines, ref int next, char mark, bool bar)
    {
        string text = "";
        while (next < lines.Length && lines[next].StartsWith(mark))
        {
            string line = lines[next++][1..];
            text += (bar ? line[..^1] : line) + "\n";
        }

        return text;
    }
}
