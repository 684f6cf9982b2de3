namespace NetVS.Sync;

/// <summary>Counts what synchronisation did and what was wrong. Threads: any.</summary>
public interface ISyncTally
{
    /// <summary>One more.</summary>
    void Count(SyncCount what);
}
