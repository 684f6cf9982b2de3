using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A name server answers.</summary>
public sealed record DnsCheck : Checker
{
    /// <summary>The record type, upper case.</summary>
    public string Type { get; init; } = "SOA";

    /// <summary>The name asked for.</summary>
    public string Question { get; init; } = ".";

    /// <summary>What must be among the records of the answer (NetVS's own); none for any answer.</summary>
    public ImmutableList<string> Answers { get; init; } = [];

    /// <inheritdoc/>
    public override string Kind => "DNS_CHECK";
}
