using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NetVS.Lab.Peers;

/// <summary>What the soak's client may expect of a service.</summary>
internal enum SoakKind
{
    /// <summary>An answer.</summary>
    Plain,

    /// <summary>An answer, or a refused connection: the service has a limit.</summary>
    Limited,

    /// <summary>An ICMP error: nobody listens on its servers.</summary>
    Closed,
}

/// <summary>A virtual service as the soak's client sees it.</summary>
/// <param name="Name">As the lab calls it.</param>
/// <param name="IsUdp">UDP; else TCP.</param>
/// <param name="Endpoint">Virtual address and port.</param>
/// <param name="Kind">What may be expected.</param>
internal sealed record SoakTarget(string Name, bool IsUdp, IPEndPoint Endpoint, SoakKind Kind)
{
    /// <summary>How many of what happened, by <see cref="SoakCount"/>.</summary>
    private readonly long[] _counts = new long[(int)SoakCount.Octets + 1];

    /// <summary>TCP connections that are open and idle. Guarded by itself.</summary>
    public List<SoakConnection> Idle { get; } = [];

    /// <summary>UDP sockets that are used again. Guarded by itself.</summary>
    public List<Socket> Sockets { get; } = [];

    /// <summary>Counts. Thread: any.</summary>
    public void Count(SoakCount what, long by = 1) => Interlocked.Add(ref _counts[(int)what], by);

    /// <summary>Its counts in the order of <see cref="SoakCount"/>, behind its name.</summary>
    public string Tally() => $"{Name} {string.Join(' ', _counts.Select((_, i) => Volatile.Read(ref _counts[i]).ToString(CultureInfo.InvariantCulture)))}";

    /// <summary>The line that <see cref="Read"/> reads.</summary>
    public string Write() => $"{Name} {(IsUdp ? "udp" : "tcp")} {Endpoint.Address} {Endpoint.Port.ToString(CultureInfo.InvariantCulture)} {Kind}";

    /// <summary>Reads a service's line.</summary>
    public static SoakTarget Read(string[] words) => new(
        words[0], words[1] == "udp", new IPEndPoint(IPAddress.Parse(words[2]), int.Parse(words[3], CultureInfo.InvariantCulture)), Enum.Parse<SoakKind>(words[4]));
}

/// <summary>What the soak's client counts for each service.</summary>
internal enum SoakCount
{
    /// <summary>Connections attempted; UDP: sockets.</summary>
    Attempts,

    /// <summary>Connections made; UDP: sockets.</summary>
    Connections,

    /// <summary>Requests whose answer was right.</summary>
    Answered,

    /// <summary>Connections refused where a limit may refuse.</summary>
    Refused,

    /// <summary>ICMP errors where they had to come.</summary>
    Unreachable,

    /// <summary>Datagrams sent again, for no answer had come.</summary>
    Repeated,

    /// <summary>Requests without an answer.</summary>
    Lost,

    /// <summary>Octets of content that were compared.</summary>
    Octets,
}
