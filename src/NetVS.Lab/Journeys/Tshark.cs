using NetVS.Lab.Hosts;

namespace NetVS.Lab.Journeys;

/// <summary>tshark as a witness: what it finds wrong in a capture.</summary>
internal static class Tshark
{
    // What a segment carries is read as that to which its port belongs, and FULLNAT draws ports: a fault of the packet is only what is wrong with its headers.
    // "data" is what nobody has read: after a header it is a header's fault, after an application's protocol it is not.
    private const string Header = "(eth|ethertype|vlan|arp|ip|ipv6|ipv6[.][a-z]+|tcp|udp|sctp|icmp|icmpv6|gre|vrrp)";
    private const string Malformed = "(_ws.malformed && frame.protocols matches \"^" + Header + "(:" + Header + ")*(:data)?$\")";

    // A sender may write a TCP checksum of 0 as 0xffff, which is the same number in ones' complement (RFC 1624 §3): the kernel does so where it completes
    // unfinished checksums. tshark counts it as wrong.
    private const string Faults = "ip.checksum.status == 0 || (tcp.checksum.status == 0 && !tcp.checksum.ffff) || udp.checksum.status == 0"
        + " || icmp.checksum.status == 0 || gre.checksum.status == 0 || icmpv6.checksum.status == 0 || " + Malformed + " || ip.bogus_ip_length || tcp.bogus_header_length";

    private const string Columns = "gui.column.format:\"No.\",\"%m\",\"Time\",\"%t\",\"Source\",\"%s\",\"Destination\",\"%d\",\"Protocol\",\"%p\",\"Length\",\"%L\",\"Info\",\"%i\","
        + "\"Read\",\"%Cus:frame.protocols\",\"Fault\",\"%Cus:_ws.expert.message\"";

    /// <summary>Every packet with a wrong checksum or length.</summary>
    /// <param name="file">The capture: pcap or pcapng.</param>
    /// <param name="cancellation">Ends tshark.</param>
    /// <returns>tshark's line of each, with the protocols that it read and what it has to say about them; empty when all is right.</returns>
    /// <exception cref="LabException">The capture cannot be read.</exception>
    public static async Task<IReadOnlyList<string>> FindFaultsAsync(string file, CancellationToken cancellation)
    {
        string[] lines = await RunAsync(["-r", file, "-n", "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", Columns, "-Y", Faults], cancellation);
        return [.. lines.Select(line => line.Trim())];
    }

    /// <summary>Fields of the packets that a display filter chooses.</summary>
    /// <param name="file">The capture.</param>
    /// <param name="filter">The display filter.</param>
    /// <param name="fields">The fields' names.</param>
    /// <param name="cancellation">Ends tshark.</param>
    /// <returns>One array of values a packet.</returns>
    /// <exception cref="LabException">The capture cannot be read.</exception>
    public static async Task<IReadOnlyList<string[]>> ReadFieldsAsync(string file, string filter, string[] fields, CancellationToken cancellation) =>
        [.. (await RunAsync(["-r", file, "-n", "-Y", filter, "-T", "fields", .. fields.SelectMany(f => (string[])["-e", f])], cancellation)).Select(line => line.Split('\t'))];

    private static async Task<string[]> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        Shell.Outcome outcome = await Shell.TryRunAsync("tshark", arguments, cancellation: cancellation);
        if (!outcome.IsOk) throw new LabException($"tshark cannot read {arguments[1]}: {outcome.Errors.Trim()}");
        return outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
