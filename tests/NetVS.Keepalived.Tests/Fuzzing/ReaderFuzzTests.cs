using System.Diagnostics;
using System.Text;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Mapping;
using NetVS.Testing.Randomness;

namespace NetVS.Keepalived.Tests.Fuzzing;

/// <summary>Whatever the octets, the reader ends soon, throws nothing, and places every problem inside a file.</summary>
public sealed class ReaderFuzzTests
{
    /// <summary>How many mutated files; a longer run sets it higher.</summary>
    public const string Variable = "NETVS_FUZZ_CASES";

    // A line may be begun while there is room for a last character.
    private const long MostCharacters = LanguageLimits.ExpandedCharacters + (32 * LanguageLimits.ExpandedLine);

    private static readonly string[] s_tokens =
    [
        "{", "}", "\"", "'", "#", "!", "\\", "$", "${", "~SEQ(", "~LST(", ")", "@main ", "\n", "\r\n", "\0", "=", "include t.conf\n", "include *\n", "$A=\\\n",
        "${_RANDOM 1 5}", "99999999999999999999", "-1", "0", "1.5", "reverse", "weight", "group", "fwmark", "real_server", "virtual_server", "vrrp_instance", "\u00e9", "\ud83d",
    ];

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void Read_OfMutatedFiles_AlwaysEnds()
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable(Variable), out int given) ? given : 1500;
        byte[][] seeds = [.. SeedTexts.All.Select(Encoding.UTF8.GetBytes), .. CorpusFiles()];
        var patience = Stopwatch.StartNew();
        Seeds.Run(1, (random, _) =>
        {
            for (int i = 0; i < cases; i++)
            {
                byte[] octets = Mutate(seeds[random.Next(seeds.Length)], seeds, random);
                Read(octets, random.Next(2) == 0 ? "main" : "other");
            }
        });
        Console.Error.WriteLine($"{cases} mutated files in {patience.ElapsedMilliseconds} ms");
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void Read_OfNoise_AlwaysEnds() => Seeds.Run(200, (random, _) =>
    {
        byte[] octets = new byte[random.Next(4096)];
        random.NextBytes(octets);
        Read(octets, "main");
    });

    private static IEnumerable<byte[]> CorpusFiles() => Corpus.Directory is { } directory
        ? Directory.GetFiles(Path.Combine(directory, "samples")).Concat(Directory.GetFiles(Path.Combine(directory, "probes"))).Order().Select(File.ReadAllBytes)
        : [];

    private static void Read(byte[] octets, string id)
    {
        var files = new MemoryFiles(("in.conf", SeedTexts.Included), ("d/a1.conf", "# nothing\n"));
        files.Add("t.conf", new FileReading(FileStatus.Read, octets));
        try
        {
            KeepalivedReading reading = Reading.Of(files, id: id);
            KeepalivedRules mapped = KeepalivedRules.Map(reading.Configuration);
            foreach (KeepalivedDiagnostic problem in reading.Problems.Concat(mapped.Problems))
            {
                problem.Position.Line.ShouldBeGreaterThan(0, problem.ToString());
                problem.Position.Column.ShouldBeGreaterThan(0, problem.ToString());
                DiagnosticText.Format(problem).ShouldNotContain('\0');
            }

            DiagnosticJson.Format("t.conf", reading.ExitStatus, reading.Problems, reading.Omitted).ShouldNotBeEmpty();
            reading.ExitStatus.ShouldBeOneOf(0, 2, 4, 5, 6);
            if (reading.Configuration.VirtualServers.Count == 0) mapped.Rules.Services.ShouldBeEmpty();
            reading.Expansion.Lines.ShouldBeLessThanOrEqualTo(LanguageLimits.ExpandedLines + 1);
            reading.Expansion.Characters.ShouldBeLessThan(MostCharacters);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message}\nfor {Convert.ToBase64String(octets)}", e);
        }
    }

    private static byte[] Mutate(byte[] seed, byte[][] seeds, Random random)
    {
        var octets = new List<byte>(seed);
        for (int n = random.Next(1, 8); n > 0; n--)
        {
            int at = random.Next(octets.Count + 1);
            int length = Math.Min(random.Next(1, 40), octets.Count - at);
            switch (random.Next(6))
            {
                case 0: octets.InsertRange(at, Encoding.UTF8.GetBytes(s_tokens[random.Next(s_tokens.Length)])); break;
                case 1: octets.RemoveRange(at, length); break;
                case 2 when at < octets.Count: octets[at] = (byte)random.Next(256); break;
                case 3: octets.InsertRange(at, octets.GetRange(at, length)); break;
                case 4:
                    byte[] other = seeds[random.Next(seeds.Length)];
                    int from = random.Next(other.Length);
                    octets.InsertRange(at, other.Skip(from).Take(random.Next(1, 200)));
                    break;
                default: octets.Reverse(at, length); break;
            }
        }

        return [.. octets];
    }
}
