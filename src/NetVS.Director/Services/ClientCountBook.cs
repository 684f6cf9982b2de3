namespace NetVS.Director.Services;

/// <summary>Makes counts of clients, and says when connections are to be counted anew.</summary>
/// <remarks>Thread: control, under the engine's lock; <see cref="Version"/> any.</remarks>
internal sealed class ClientCountBook(UInt128 hashKey)
{
    private byte _generation;
    private int _version;

    /// <summary>Changes when there may be connections that a service's counts do not know. Partner: <see cref="Announce"/>.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Makes counts without connections; their generation is no other's of the last 255.</summary>
    public ClientCounts Make(uint prefix)
    {
        _generation = (byte)((_generation % 255) + 1);
        return new ClientCounts(prefix, _generation, hashKey);
    }

    /// <summary>Has workers look for connections that are not counted; to be called when the counts are in force.</summary>
    public void Announce() => Volatile.Write(ref _version, unchecked(_version + 1));
}
