using System.Diagnostics;
using System.Globalization;

namespace NetVS.Testing.Randomness;

/// <summary>Seeds of random tests: printed, and taken back from <c>NETVS_TEST_SEED</c>. <c>NETVS_FUZZ_SECONDS</c> makes each go on for so long, with new seeds.</summary>
public static class Seeds
{
    /// <summary>The variable that repeats a run.</summary>
    public const string Variable = "NETVS_TEST_SEED";

    /// <summary>The variable that makes random tests go on.</summary>
    public const string FuzzVariable = "NETVS_FUZZ_SECONDS";

    /// <summary>Runs a test with a random source; a failure names the seed that repeats it.</summary>
    public static void Run(Action<Random> test) => Run(1, (random, _) => test(random));

    /// <summary>Runs many cases, each with a random source of its own; a failure names the seed that repeats the case alone.</summary>
    /// <param name="cases">How many; one when a seed was given.</param>
    /// <param name="test">Takes the source and the seed.</param>
    public static void Run(int cases, Action<Random, int> test)
    {
        bool isGiven = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out int given);
        int first = isGiven ? given : Random.Shared.Next();
        if (isGiven) cases = 1;
        bool isFuzz = int.TryParse(Environment.GetEnvironmentVariable(FuzzVariable), CultureInfo.InvariantCulture, out int seconds) && !isGiven;
        Console.Error.WriteLine(isFuzz ? $"{Variable}={first} (for {seconds} s from here)" : $"{Variable}={first} ({cases} cases from here)");
        long began = Stopwatch.GetTimestamp();
        int done = 0;
        for (; isFuzz ? Stopwatch.GetElapsedTime(began).TotalSeconds < seconds : done < cases; done++)
        {
            int seed = unchecked(first + done);
            try
            {
                test(new Random(seed), seed);
            }
            catch (Exception e)
            {
                throw new SeededTestException($"with {Variable}={seed}: {e.Message}", e);
            }
        }

        if (isFuzz) Console.Error.WriteLine($"{done} cases in {seconds} s by {test.Method.DeclaringType?.FullName}");
    }
}
