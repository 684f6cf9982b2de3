using System.Net;

namespace NetVS.Control.Peers;

/// <summary>What a <see cref="PeerService"/> is told once.</summary>
public sealed record PeerOptions
{
    /// <summary>TCP port where none is named.</summary>
    public const ushort DefaultPort = 8849;

    /// <summary>The key that all peers hold.</summary>
    public required PeerKey Key { get; init; }

    /// <summary>Where the key was read, and is read again at a reload; null where it stays.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Where peers may dial; null if nobody is told.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Who is dialled, to be told by it.</summary>
    public IReadOnlyList<IPEndPoint> Peers { get; init; } = [];

    /// <summary>Takes lines for the log.</summary>
    public Action<string> Report { get; init; } = static _ => { };
}
