namespace NetVS.Rules.Ipvsadm;

/// <summary>What <see cref="OptionScanner.Next"/> found.</summary>
internal enum ScanResult : byte
{
    /// <summary>An option.</summary>
    Option,

    /// <summary>Nothing more; words that are no options are in <see cref="OptionScanner.LeftOver"/>.</summary>
    End,

    /// <summary>A word that begins with a dash and is not in the table.</summary>
    Unknown,

    /// <summary>The argument is missing.</summary>
    MissingArgument,

    /// <summary>An argument was given to an option that takes none.</summary>
    UnwantedArgument,
}
