namespace NetVS.Rules;

/// <summary>How one of the <see cref="ServiceOptions"/> is written.</summary>
/// <param name="Name">Its name: <c>--NAME</c> at command lines, a key in the API, <c>netvs_NAME</c> with underscores in a keepalived.conf.</param>
/// <param name="Argument">What a usage text calls its value; null where ipvsadm's grammar takes none: then the value is yes or no.</param>
/// <param name="Meaning">What it does, for a usage text.</param>
/// <param name="Read">Puts a value into the options; null where it is none.</param>
/// <param name="Write">The value, or null where it is the default.</param>
/// <param name="Expected">What a message says is expected of a value.</param>
public sealed record ServiceOptionSpec(
    string Name, string? Argument, string Meaning, Func<ServiceOptions, string, ServiceOptions?> Read, Func<ServiceOptions, string?> Write, string Expected)
{
    /// <summary>The value of an option that takes none, when it is given.</summary>
    public const string On = "yes";

    /// <summary>The value of an option that takes none, when it is not given.</summary>
    public const string Off = "no";

    /// <summary>Its name in a keepalived.conf.</summary>
    public string Keyword => "netvs_" + Name.Replace('-', '_');

    /// <summary>Whether it is a word alone at ipvsadm's command line.</summary>
    public bool IsSwitch => Argument is null;
}
