using NetVS.Lab.Hosts;

namespace NetVS.Lab.Journeys;

/// <summary>tshark as a witness: what it finds wrong in a capture.</summary>
internal static class Tshark
{
    // A sender may write a TCP checksum of 0 as 0xffff, which is the same number in ones' complement (RFC 1624 §3): the kernel does so where it completes
    // unfinished checksums. tshark counts it as wrong.
    private const string Faults = "ip.checksum.status == 0 || (tcp.checksum.status == 0 && !tcp.checksum.ffff) || udp.checksum.status == 0"
        + " || icmp.checksum.status == 0 || gre.checksum.status == 0 || icmpv6.checksum.status == 0 || _ws.malformed || ip.bogus_ip_length || tcp.bogus_header_length";

    /// <summary>Every packet with a wrong checksum or length.</summary>
    /// <param name="file">The capture: pcap or pcapng.</param>
    /// <param name="cancellation">Ends tshark.</param>
    /// <returns>tshark's line of each; empty when all is right.</returns>
    /// <exception cref="LabException">The capture cannot be read.</exception>
    public static async Task<IReadOnlyList<string>> FindFaultsAsync(string file, CancellationToken cancellation)
    {
        Shell.Outcome outcome = await Shell.TryRunAsync("tshark",
            ["-r", file, "-n", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-Y", Faults],
            cancellation: cancellation);
        if (!outcome.IsOk) throw new LabException($"tshark cannot read {file}: {outcome.Errors.Trim()}");
        return [.. outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim())];
    }
}
