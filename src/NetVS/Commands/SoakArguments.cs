using System.Globalization;
using NetVS.Lab;

namespace NetVS.Commands;

/// <summary>The options of <c>netvs lab soak</c>.</summary>
internal static class SoakArguments
{
    private const int MostRequests = 500;

    /// <summary>Reads them.</summary>
    /// <exception cref="FormatException">The message says what is wrong.</exception>
    public static LabOptions Parse(string[] arguments)
    {
        var options = new LabOptions { Topology = "nat", Story = "soak", Seed = Random.Shared.Next() };
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} needs a value");
            options = arguments[i] switch
            {
                "--duration" => options with { Duration = TimeSpan.FromSeconds(LabCommand.ParseCount(Value())) },
                "--rate" => options with { Rate = LabCommand.ParseCount(Value()) },
                "--seed" => options with { Seed = ParseSeed(Value()) },
                "--settle" => options with { Settle = TimeSpan.FromSeconds(LabCommand.ParseCount(Value())) },
                "--no-offload" => options with { HasOffload = false },
                "--link" => options with { Link = Value() },
                string other => throw new FormatException($"'netvs lab soak' takes --duration, --rate, --seed, --settle, --no-offload and --link only, not '{other}'"),
            };
        }

        if (options.Rate > MostRequests) throw new FormatException($"--rate can be {MostRequests} at most");
        return LabCommand.WithLink(options);
    }

    private static int ParseSeed(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seed) ? seed : throw new FormatException($"'{text}' is no seed: a number from 0 on");
}
