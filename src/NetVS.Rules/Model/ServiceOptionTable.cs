using System.Globalization;

namespace NetVS.Rules;

/// <summary>The options of a service that IPVS has not, in the order in which they are saved.</summary>
public static class ServiceOptionTable
{
    /// <summary>The longest time an option takes, in seconds: 31 days, as persistence's.</summary>
    public const uint MostSeconds = VirtualServiceRule.MostPersistence;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ServiceOptionSpec> All { get; } =
    [
        Time("slow-start", "let the share of a server that comes grow over this time", (o, s) => o with { SlowStart = s }, o => o.SlowStart),
        Switch("stable-hash", "sh, dh, mh: a server that goes or comes moves its own clients only", (o, on) => o with { HasStableHash = on }, o => o.HasStableHash),
    ];

    /// <summary>Finds an option by its name.</summary>
    public static ServiceOptionSpec? Find(string name) => All.FirstOrDefault(o => o.Name == name);

    /// <summary>The options that are not at their default, with their values.</summary>
    public static IEnumerable<(ServiceOptionSpec Option, string Value)> Given(ServiceOptions options)
    {
        foreach (ServiceOptionSpec option in All)
            if (option.Write(options) is { } value) yield return (option, value);
    }

    private static ServiceOptionSpec Time(string name, string meaning, Func<ServiceOptions, uint, ServiceOptions> set, Func<ServiceOptions, uint> get) => new(
        name, "TIME", meaning,
        (o, text) => Duration.TryParse(text, out TimeSpan time) && time.TotalSeconds <= MostSeconds ? set(o, (uint)time.TotalSeconds) : null,
        o => Text(get(o)),
        $"a time up to 31 days: {Duration.Spellings}; 0 for none");

    private static ServiceOptionSpec Switch(string name, string meaning, Func<ServiceOptions, bool, ServiceOptions> set, Func<ServiceOptions, bool> get) => new(
        name, null, meaning,
        (o, text) => text is ServiceOptionSpec.On or ServiceOptionSpec.Off ? set(o, text == ServiceOptionSpec.On) : null,
        o => get(o) ? ServiceOptionSpec.On : null,
        "yes or no");

    private static string? Text(uint number) => number == 0 ? null : number.ToString(CultureInfo.InvariantCulture);
}
