namespace NetVS.Control.Replay;

/// <summary>What is to be replayed, by which rules, in which network.</summary>
public sealed record ReplayRequest
{
    /// <summary>The captures; merged by time.</summary>
    public required IReadOnlyList<ReplayInput> Inputs { get; init; }

    /// <summary>The rules file's text.</summary>
    public required string Rules { get; init; }

    /// <summary>The rules file's name, for diagnostics.</summary>
    public required string RulesFile { get; init; }

    /// <summary>The network file's text (<c>ip -batch</c> lines); null to take one interface and its neighbours from the capture.</summary>
    public string? Network { get; init; }

    /// <summary>The network file's name, for diagnostics.</summary>
    public string NetworkFile { get; init; } = "";

    /// <summary>Settings to change before the first packet, by name.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>Where random choices begin: one seed, one result.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Opens where what the director sent is written, once rules and network are found right; null for nowhere.</summary>
    public Func<Stream>? Output { get; init; }

    /// <summary>Whether the output is classic pcap, which has one interface without a name; pcapng otherwise.</summary>
    public bool IsClassicOutput { get; init; }

    /// <summary>Is told how many packets have been replayed, now and then.</summary>
    public Action<long>? Progress { get; init; }
}
