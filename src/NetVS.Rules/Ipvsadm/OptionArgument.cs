namespace NetVS.Rules.Ipvsadm;

/// <summary>Whether an option takes an argument.</summary>
internal enum OptionArgument : byte
{
    /// <summary>None: <c>--option=x</c> is an error.</summary>
    None,

    /// <summary>The rest of a cluster, what follows <c>=</c>, or the next word, whatever it is.</summary>
    Required,

    /// <summary>As required, but a next word that begins with a dash is not taken.</summary>
    Optional,
}
