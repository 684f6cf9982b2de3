// bpf/flow.h: read it first.

namespace NetVS.Director.Offload;

/// <summary>The director's hand on one family's flow table: takes, fills, publishes, changes and removes lines.</summary>
/// <remarks>
/// <para>A line's life: <see cref="TryClaim"/> makes it busy and fills it; <see cref="Publish"/> puts it in force; <see cref="Rewrite"/> changes it in
/// place; <see cref="Remove"/> frees it. Both lines of a connection are filled before either is published, because the program, working on one,
/// writes the other's report word.</para>
/// <para>Threads: every worker claims in the same buckets, by compare-and-exchange of the version; a claimed line belongs to the worker that claimed
/// it until that one removes it. The octet that counts a bucket's overflow is the only word that several workers write, atomically. The program
/// reads all, and writes <see cref="FlowState.Report"/>, <see cref="FlowState.LastSeen"/> and <see cref="FlowState.Packets"/> of lines in force;
/// these are here only written while the line is busy for the first time.</para>
/// <para>The program reads versions before and after everything else, so whatever changes a line in force takes a new generation: else a reader
/// that slept from before to after would see the same version around a line of two halves.</para>
/// </remarks>
internal abstract class FlowTable<TAddress>
    where TAddress : unmanaged
{
    private int _count;

    /// <summary>Lines in all.</summary>
    public abstract int Length { get; }

    /// <summary>Lines given out now, by all workers. Thread: any.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether new flows should be chosen with more care.</summary>
    public bool IsHalfFull => Count >= Length / 2;

    /// <summary>Takes a line for a flow and fills it; nobody sees it yet. Its pair is 0.</summary>
    /// <param name="flow">What the line is to say.</param>
    /// <param name="report">Its first report word.</param>
    /// <param name="lastSeen">When its last packet passed, in flow ticks.</param>
    /// <param name="line">The line; -1 if none was taken.</param>
    public abstract FlowClaim TryClaim(in Flow<TAddress> flow, uint report, uint lastSeen, out int line);

    /// <summary>Puts a claimed line in force.</summary>
    public abstract void Publish(int line);

    /// <summary>Changes what is done with the packets of a line in force.</summary>
    public abstract void Rewrite(int line, in Flow<TAddress> flow);

    /// <summary>Takes a line out of force and keeps it, to read what it holds before it is freed.</summary>
    public abstract void Suspend(int line);

    /// <summary>Frees a line in whatever state it is.</summary>
    public abstract void Remove(int line);

    /// <summary>Whether a line in force says this already, timeout aside.</summary>
    public abstract bool Says(int line, in Flow<TAddress> flow);

    /// <summary>What a line says. For listings and adoption.</summary>
    /// <returns>False if it is not in force, or changed meanwhile.</returns>
    public abstract bool TryRead(int line, out Flow<TAddress> flow);

    /// <summary>The line's version as it is now.</summary>
    public abstract uint VersionOf(int line);

    /// <summary>What moves about a line; the members' words say who writes which.</summary>
    public abstract ref FlowState StateOf(int line);

    /// <summary>
    /// Begins on lines that another director left, which may have been killed at any moment: frees what it was writing, and counts anew. Before
    /// anybody claims.
    /// </summary>
    public abstract void TakeOver();

    /// <summary>A line was given out (1) or returned (-1).</summary>
    protected void AddToCount(int lines) => Interlocked.Add(ref _count, lines);
}
