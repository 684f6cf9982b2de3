namespace NetVS.RealServer;

/// <summary>What was asked of one network namespace and what was changed for it.</summary>
/// <param name="BootId">The boot it was written in: nothing of it survives a reboot.</param>
/// <param name="NamespaceCookie">The namespace's own number: inode numbers are used again.</param>
/// <param name="Setups">What was asked.</param>
/// <param name="TrustedDirectors">Whose tunnel packets are believed; empty for anyone's.</param>
/// <param name="Changes">What was changed, oldest first; written before each change is made.</param>
internal sealed record Record(
    string BootId, ulong NamespaceCookie, IReadOnlyList<SetupEntry> Setups, IReadOnlyList<string> TrustedDirectors,
    IReadOnlyList<Change> Changes)
{
    /// <summary>Whether there is nothing to remember.</summary>
    public bool IsEmpty => Setups.Count == 0 && Changes.Count == 0;
}
