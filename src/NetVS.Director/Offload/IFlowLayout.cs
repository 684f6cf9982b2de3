namespace NetVS.Director.Offload;

/// <summary>How one family's lines lie in memory; a struct type argument, so that calls cost nothing.</summary>
/// <typeparam name="TLine">The line.</typeparam>
/// <typeparam name="TAddress">The family's address.</typeparam>
internal interface IFlowLayout<TLine, TAddress>
    where TLine : unmanaged
    where TAddress : unmanaged
{
    /// <summary>The mask by which the family's new flows are placed.</summary>
    static abstract ref uint PlaceMaskOf(ref FlowConfig config);

    /// <summary>The line's version.</summary>
    static abstract ref uint VersionOf(ref TLine line);

    /// <summary>What both families have.</summary>
    static abstract ref FlowState StateOf(ref TLine line);

    /// <summary>H of the hash in bpf/flow.h, for a flow's packets.</summary>
    static abstract uint HashOf(in FlowKey key, in Flow<TAddress> flow);

    /// <summary>The same, for a line's packets.</summary>
    static abstract uint HashOf(in FlowKey key, ref TLine line);

    /// <summary>Whether the line is for these packets.</summary>
    static abstract bool IsFor(ref TLine line, in Flow<TAddress> flow);

    /// <summary>Whether the line does what is asked; that it is for these packets is known.</summary>
    static abstract bool Does(ref TLine line, in Flow<TAddress> flow);

    /// <summary>Writes which packets the line is for, and what is done, but nothing of <see cref="FlowState"/>.</summary>
    static abstract void Write(ref TLine line, in Flow<TAddress> flow);

    /// <summary>Reads what <see cref="Write"/> writes.</summary>
    static abstract void Read(ref TLine line, out Flow<TAddress> flow);
}
