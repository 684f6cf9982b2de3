using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NetVS.Packets;

namespace NetVS.Rules;

/// <summary>Gives packets to some destinations and ports a firewall mark, by which a mark service takes them; compared by value.</summary>
/// <remarks>
/// What iptables does with <c>-t mangle -A PREROUTING … -j MARK</c> in front of IPVS, NetVS does itself, because it sees packets before
/// netfilter. Rules stand in a list, and the first one that matches decides. Written <c>tcp 192.0.2.0/24 80-90 7</c>: protocol (or <c>any</c>
/// for TCP, UDP and SCTP), address or prefix, port, range of ports or <c>any</c>, mark. Ports in host order.
/// </remarks>
public sealed record MarkRule
{
    /// <summary>The most rules in one list.</summary>
    public const int MostRules = 1024;

    /// <summary>TCP, UDP or SCTP; null for all three.</summary>
    public IpProtocol? Protocol { get; init; }

    /// <summary>The destination prefix; bits behind <see cref="PrefixLength"/> are zero.</summary>
    public required IpAddress Network { get; init; }

    /// <summary>Bits of the prefix: up to 32 or 128.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>The least destination port.</summary>
    public ushort FirstPort { get; init; }

    /// <summary>The greatest destination port.</summary>
    public ushort LastPort { get; init; } = ushort.MaxValue;

    /// <summary>The mark; 0 leaves the packets without one, whatever later rules say.</summary>
    public required uint Mark { get; init; }

    /// <summary>Whether the prefix is one address.</summary>
    public bool IsHost => PrefixLength == BitsOf(Network.Family);

    /// <summary>Whether another rule is about exactly the same packets.</summary>
    public bool MatchesTheSameAs(MarkRule other) => this with { Mark = other.Mark } == other;

    /// <summary>Reads the four words of a rule.</summary>
    /// <param name="words">Protocol, destination, ports, mark.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="problem">What is wrong and what to do.</param>
    public static bool TryParse(IReadOnlyList<string> words, [NotNullWhen(true)] out MarkRule? rule, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(words);
        rule = null;
        if (words.Count != 4)
        {
            problem = "a mark rule has four words: PROTOCOL DESTINATION PORTS MARK, as in 'tcp 192.0.2.10 80-90 7'";
            return false;
        }

        IpProtocol? protocol = null;
        switch (words[0].ToUpperInvariant())
        {
            case "TCP": protocol = IpProtocol.Tcp; break;
            case "UDP": protocol = IpProtocol.Udp; break;
            case "SCTP": protocol = IpProtocol.Sctp; break;
            case "ANY": break;
            default:
                problem = $"'{words[0]}' is no protocol: write tcp, udp, sctp or any";
                return false;
        }

        if (!TryReadNetwork(words[1], out IpAddress network, out int length, out problem)) return false;
        if (!TryReadPorts(words[2], out ushort first, out ushort last))
        {
            problem = $"'{words[2]}' is no port: write a number from 1 to 65535, two with a dash between, or any";
            return false;
        }

        if (!TryReadMark(words[3], out uint mark))
        {
            problem = $"'{words[3]}' is no mark: write a number from 0 (no mark) to 4294967295";
            return false;
        }

        rule = new MarkRule { Protocol = protocol, Network = network, PrefixLength = length, FirstPort = first, LastPort = last, Mark = mark };
        return true;
    }

    /// <summary>What is wrong with a rule that was not parsed, or null.</summary>
    public string? FindProblem()
    {
        if (Network.Family is not (IpFamily.V4 or IpFamily.V6)) return "a mark rule needs an IPv4 or IPv6 destination";
        if (PrefixLength < 0 || PrefixLength > BitsOf(Network.Family)) return $"a prefix has 0 to {BitsOf(Network.Family)} bits";
        if (Masked(Network, PrefixLength) != Network) return $"{Network}/{PrefixLength} has bits behind its prefix: write {Masked(Network, PrefixLength)}/{PrefixLength}";
        if (FirstPort > LastPort) return "a range of ports ends before it begins";
        return Protocol is null or IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp ? null : "a mark rule is about TCP, UDP, SCTP or all three";
    }

    /// <summary>As it is written: <c>tcp 192.0.2.0/24 80-90 7</c>.</summary>
    public override string ToString()
    {
        string protocol = Protocol is { } p ? p.ToString().ToLowerInvariant() : "any";
        string network = IsHost ? $"{Network}" : string.Create(CultureInfo.InvariantCulture, $"{Network}/{PrefixLength}");
        return string.Create(CultureInfo.InvariantCulture, $"{protocol} {network} {PortsText} {Mark}");
    }

    private string PortsText => (FirstPort, LastPort) switch
    {
        (0, ushort.MaxValue) => "any",
        _ when FirstPort == LastPort => FirstPort.ToString(CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{FirstPort}-{LastPort}"),
    };

    private static int BitsOf(IpFamily family) => family == IpFamily.V6 ? 128 : 32;

    private static IpAddress Masked(IpAddress address, int length)
    {
        if (address.Family == IpFamily.V4) return new Ipv4Address(length == 0 ? 0 : address.V4.Value & (uint.MaxValue << (32 - length)));
        (ulong high, ulong low) = address.V6;
        UInt128 bits = length == 0 ? UInt128.Zero : new UInt128(high, low) & (UInt128.MaxValue << (128 - length));
        return new Ipv6Address((ulong)(bits >> 64), unchecked((ulong)bits));
    }

    private static bool TryReadNetwork(string text, out IpAddress network, out int length, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        length = 0;
        string plain = (slash < 0 ? text : text[..slash]).Trim('[', ']');
        if (!IpAddress.TryParse(plain, out network))
        {
            problem = $"'{text}' is no address: write one as 192.0.2.10, 192.0.2.0/24 or 2001:db8::/64";
            return false;
        }

        length = BitsOf(network.Family);
        if (slash >= 0 && !(TryReadNumber(text[(slash + 1)..], out uint bits) && bits <= (uint)length && (length = (int)bits) >= 0))
        {
            problem = $"'{text}' has no prefix length from 0 to {BitsOf(network.Family)}";
            return false;
        }

        IpAddress masked = Masked(network, length);
        if (masked != network) problem = $"{text} has bits behind its prefix: write {masked}/{length}";
        return problem is null;
    }

    private static bool TryReadPorts(string text, out ushort first, out ushort last)
    {
        (first, last) = (0, ushort.MaxValue);
        if (text.Equals("any", StringComparison.OrdinalIgnoreCase)) return true;
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryReadPort(dash < 0 ? text : text[..dash], out first)) return false;
        if (dash >= 0) return TryReadPort(text[(dash + 1)..], out last) && first <= last;
        last = first;
        return first != 0;
    }

    private static bool TryReadPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static bool TryReadMark(string text, out uint mark) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out mark)
        : TryReadNumber(text, out mark);

    private static bool TryReadNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
