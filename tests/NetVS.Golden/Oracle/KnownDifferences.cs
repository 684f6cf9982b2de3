namespace NetVS.Golden.Oracle;

/// <summary>What NetVS does otherwise than IPVS on purpose, by the names that <c>differs NAME</c> in a fixture uses.</summary>
/// <remarks>
/// A step that is excused must differ: an excuse that is not needed any more is a failure. Besides, the comparison never looks at what nobody can foresee
/// or what means nothing: the order of listings; what is drawn in packets of the director's own (see <see cref="NetVS.Testing.Packets"/>,
/// RecordedPacket); whole seconds that are one apart; entries whose time is up, which the kernel's timer wheel lets live up to an eighth longer; fragments
/// one by one, which the kernel puts together before it looks at them: all fragments of a fixture are compared at its end.
/// </remarks>
internal static class KnownDifferences
{
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["timer-wheel"] = "a packet comes when a connection's time is up: here it is gone, in the kernel it lives up to an eighth longer",
    };
}
