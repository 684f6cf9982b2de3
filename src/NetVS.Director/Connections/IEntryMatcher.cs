namespace NetVS.Director.Connections;

/// <summary>Compares what tells entries with the same key apart.</summary>
internal interface IEntryMatcher<TAddress>
    where TAddress : unmanaged
{
    /// <summary>Whether this is the one.</summary>
    bool Matches(in Connection<TAddress> connection);
}
