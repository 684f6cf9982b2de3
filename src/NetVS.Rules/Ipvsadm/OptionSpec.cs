namespace NetVS.Rules.Ipvsadm;

/// <summary>One way of writing an option.</summary>
/// <param name="Long">The name after two dashes.</param>
/// <param name="Short">The letter after one dash, or NUL when there is none.</param>
/// <param name="Argument">Whether it takes an argument.</param>
/// <param name="Id">What the parser is told.</param>
internal readonly record struct OptionSpec(string Long, char Short, OptionArgument Argument, int Id);
