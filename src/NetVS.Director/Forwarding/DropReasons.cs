namespace NetVS.Director.Forwarding;

/// <summary>What to call each <see cref="DropReason"/> and how to explain it; made from the enum itself.</summary>
public static class DropReasons
{
    private static readonly ReasonTable<DropReason> s_table = new();

    /// <summary>How many reasons there are, <see cref="DropReason.None"/> included; valid values are below it.</summary>
    public static int Count => s_table.Count;

    /// <summary>Every reason a packet can be dropped for.</summary>
    public static IReadOnlyList<DropReason> All { get; } = [.. Enum.GetValues<DropReason>().Where(r => r != DropReason.None)];

    /// <summary>The name of the counter and the metric, such as <c>ttl_expired</c>.</summary>
    public static string Name(DropReason reason) => s_table.Name((int)reason);

    /// <summary>The sentence for the operator.</summary>
    public static string Explain(DropReason reason) => s_table.Text((int)reason);

    /// <summary>Finds a reason by its name, as fixtures and the CLI write it.</summary>
    public static bool TryFind(string name, out DropReason reason)
    {
        foreach (DropReason candidate in All)
        {
            if (!string.Equals(Name(candidate), name, StringComparison.OrdinalIgnoreCase) &&
                !string.Equals(candidate.ToString(), name, StringComparison.OrdinalIgnoreCase)) continue;
            reason = candidate;
            return true;
        }

        reason = DropReason.None;
        return false;
    }
}
