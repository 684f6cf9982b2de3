namespace NetVS.Director.Services;

/// <summary>Keeps an <see cref="IDivertSink"/> in step: what is added is announced before workers can use it, what is removed after.</summary>
/// <remarks>Thread: control, under the engine's lock.</remarks>
internal sealed class DivertAnnouncer(IDivertSink? sink)
{
    private DivertRules _announced = new RuleInventory().ToDivertRules();

    /// <summary>Announces additions; to be called before the rules change, so that a refusal leaves everything as it was.</summary>
    /// <exception cref="DivertException">The sink can't take them; it still has the former set.</exception>
    public void Announce(DivertRules additions)
    {
        if (sink is null || Contains(_announced, additions)) return;
        DivertRules union = new(
            Union(_announced.Virtuals, additions.Virtuals),
            Union(_announced.Reals, additions.Reals),
            Union(_announced.TunnelReals, additions.TunnelReals),
            Union(_announced.LocalAddresses, additions.LocalAddresses));
        sink.Apply(union);
        _announced = union;
    }

    /// <summary>Makes the announced set what is wanted; to be called after the snapshot is published.</summary>
    public void Settle(DivertRules wanted)
    {
        if (sink is null || (Contains(_announced, wanted) && Contains(wanted, _announced))) return;
        sink.Apply(wanted);
        _announced = wanted;
    }

    private static bool Contains(DivertRules whole, DivertRules part) =>
        part.Virtuals.IsSubsetOf(whole.Virtuals) && part.Reals.IsSubsetOf(whole.Reals)
        && part.TunnelReals.IsSubsetOf(whole.TunnelReals) && part.LocalAddresses.IsSubsetOf(whole.LocalAddresses);

    private static HashSet<T> Union<T>(IReadOnlySet<T> a, IReadOnlySet<T> b)
    {
        var union = new HashSet<T>(a);
        union.UnionWith(b);
        return union;
    }
}
