namespace NetVS.Director;

/// <summary>One setting: what it is called, what it may be, what it does.</summary>
/// <param name="Name">IPVS's sysctl name without <c>net.ipv4.vs.</c>, or for FULLNAT our own.</param>
/// <param name="Default">The value a director begins with.</param>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest value.</param>
/// <param name="Description">One line for people, with the unit.</param>
public sealed record SettingDescription(string Name, int Default, int Minimum, int Maximum, string Description)
{
    /// <summary>The value a director begins with, as reading it gives it.</summary>
    public string DefaultText { get; init; } = Default.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Of a setting that has one value only: why it cannot have another; null of all others.</summary>
    public string? WhyFixed { get; init; }
}
