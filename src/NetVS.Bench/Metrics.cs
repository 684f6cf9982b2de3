namespace NetVS.Bench;

/// <summary>What is measured, with its unit.</summary>
internal static class Metrics
{
    /// <summary>Of the packets part.</summary>
    public const string PacketRate = "packets per second";

    /// <summary>Of the packets part: of one packet, less what the generator and the sink need for it.</summary>
    public const string PacketNetTime = "ns per packet, net of the generator";

    /// <summary>Of the packets part: processor time of the whole machine.</summary>
    public const string PacketCost = "core-ns per packet, generator included";

    /// <summary>Of the packets part: how often user space was woken.</summary>
    public const string UserFrames = "frames to user space per packet";

    /// <summary>Of the program part.</summary>
    public const string ProgramTime = "ns per packet";

    /// <summary>Of the bulk part.</summary>
    public const string Gigabits = "Gbit per second";

    /// <summary>Of the bulk part: of the whole machine, client and server included.</summary>
    public const string SecondsPerGigabyte = "core-seconds per gigabyte, client and server included";

    /// <summary>Of the requests part.</summary>
    public const string RequestRate = "requests per second";

    /// <summary>Of the requests part: of the whole machine, client and server included.</summary>
    public const string SecondsPerMillion = "core-seconds per million requests, client and server included";

    /// <summary>Of the requests part: from the request to the last octet of the answer.</summary>
    public const string RequestLatency = "latency of the answer, ms";

    /// <summary>Of the requests part: from connecting to the end of the answer.</summary>
    public const string ConnectionLatency = "latency of a whole connection, ms";

    /// <summary>Of the requests part.</summary>
    public const string Failures = "failed requests";

    /// <summary>Of the memory part.</summary>
    public const string OctetsPerConnection = "octets per connection";

    /// <summary>Of the memory part.</summary>
    public const string FixedMemory = "MiB before the first connection";

    /// <summary>Of the engine part.</summary>
    public const string EngineTime = "ns per packet";

    /// <summary>Of the engine part.</summary>
    public const string Allocated = "octets allocated per round";

    // These are to be nothing, or are about one subject alone.
    private static readonly string[] s_withoutRatio = [UserFrames, Failures, Allocated, FixedMemory];

    /// <summary>Whether a metric's values of two subjects are worth dividing.</summary>
    public static bool HasRatio(string metric) => !s_withoutRatio.Contains(metric);
}
