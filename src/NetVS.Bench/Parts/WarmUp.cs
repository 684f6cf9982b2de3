namespace NetVS.Bench.Parts;

/// <summary>The same load before it is measured: what compiles its hot code while it runs, as .NET does, is to be compared as it is when it has.</summary>
internal static class WarmUp
{
    /// <summary>How long.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan s_leastMeasured = TimeSpan.FromSeconds(2);

    /// <summary>Whether a measurement so long is preceded by one: a run of a second only asks whether it works.</summary>
    public static bool Precedes(TimeSpan duration) => duration >= s_leastMeasured;
}
