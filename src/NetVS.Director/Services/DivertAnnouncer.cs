namespace NetVS.Director.Services;

/// <summary>Keeps an <see cref="IDivertSink"/> in step: what is added is announced before workers can use it, what is removed after.</summary>
/// <remarks>Thread: control, under the engine's lock.</remarks>
internal sealed class DivertAnnouncer(IDivertSink? sink)
{
    private DivertSets _announced = DivertSets.Empty;
    private bool _isBehind;
    private bool _isAhead;

    /// <summary>Whether nobody is told of a single change now, so that there is no use in working out what it adds.</summary>
    public bool IsSilent => sink is null || _isAhead;

    /// <summary>Announces additions; to be called before the rules change, so that a refusal leaves everything as it was.</summary>
    /// <param name="union">What is in force and what will be added: nothing that was announced is missing.</param>
    /// <exception cref="DivertException">The sink can't take them; it still has the former set.</exception>
    public void Announce(DivertSets union)
    {
        if (!_isAhead) Tell(union);
    }

    /// <summary>
    /// Announces what many commands together will add, so that the sink takes it in one go; until <see cref="EndAhead"/> nothing more is announced.
    /// </summary>
    /// <exception cref="DivertException">The sink can't take them; it still has the former set.</exception>
    public void AnnounceAhead(DivertSets union)
    {
        Tell(union);
        _isAhead = true;
    }

    /// <summary>Ends that, and makes the announced set what is in force.</summary>
    public void EndAhead(DivertSets wanted)
    {
        _isAhead = false;
        _isBehind = true;
        Settle(wanted);
    }

    /// <summary>
    /// Makes the announced set what is in force; to be called after the snapshot is published. A refusal is not the command's: what is
    /// announced too much does no harm, and the next call tries again.
    /// </summary>
    /// <param name="wanted">What is in force: nothing that was not announced.</param>
    public void Settle(DivertSets wanted)
    {
        if (_isAhead) return;
        try
        {
            Tell(wanted);
        }
        catch (DivertException)
        {
            _isBehind = true;
        }
    }

    private void Tell(DivertSets sets)
    {
        // Unless a removal failed, of the former and the new set one contains the other, so equal sizes mean equal sets.
        if (sink is not null && (_isBehind || sets.Count != _announced.Count || sets.Marked != _announced.Marked)) sink.Apply(sets.ToRules());
        _announced = sets;
        _isBehind = false;
    }
}
