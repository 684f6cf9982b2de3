using System.Globalization;
using NetVS.Packets;

namespace NetVS.Rules.Ipvsadm;

/// <summary>Numbers and addresses as ipvsadm reads them: the C library's strtol and inet_aton, with its own bracket rules.</summary>
/// <remarks>Reference §12.3; details as recorded from ipvsadm 1.31.</remarks>
internal static class AddressText
{
    /// <summary>A decimal number in a range: leading blanks and a sign are allowed, nothing may follow.</summary>
    public static bool TryParseNumber(string text, long least, long most, out long number)
    {
        number = 0;
        string trimmed = text.TrimStart(' ', '\t', '\n', '\v', '\f', '\r');
        return trimmed.Length > 0
            && !char.IsWhiteSpace(trimmed[^1])
            && long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            && number >= least && number <= most;
    }

    /// <summary>An IPv4 address in any notation inet_aton knows: one to four parts, each decimal, octal (0…) or hexadecimal (0x…).</summary>
    public static bool TryParseLooseV4(string text, out Ipv4Address address)
    {
        address = default;
        string[] parts = text.Split('.');
        if (parts.Length > 4) return false;
        uint value = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            bool isLast = i == parts.Length - 1;
            ulong most = isLast ? uint.MaxValue >> (8 * i) : 255;
            if (!TryParsePart(parts[i], out ulong part) || part > most) return false;
            value |= isLast ? (uint)part : (uint)part << (24 - (8 * i));
        }

        address = new Ipv4Address(value);
        return true;
    }

    /// <summary>A host: loose IPv4 notation, or a name that resolves to IPv4.</summary>
    public static bool TryParseHost(string text, INameSource names, out Ipv4Address address) =>
        TryParseLooseV4(text, out address) || (text.Length > 0 && names.TryFindHost(text, out address));

    /// <summary><c>host[:port]</c>, <c>[v6]:port</c> or a bare IPv6 address; a port may be a service name of the protocol.</summary>
    /// <param name="text">The text.</param>
    /// <param name="protocol">For service names; HopByHop (0) while no service option was read.</param>
    /// <param name="names">For names.</param>
    /// <param name="address">The address.</param>
    /// <param name="port">The port, host order; null when none was given.</param>
    public static bool TryParseEndpoint(string text, IpProtocol protocol, INameSource names, out IpAddress address, out ushort? port)
    {
        address = default;
        port = null;
        if (text.Length == 0 || text.All(char.IsAsciiDigit)) return false;
        string host = text;
        string? portText = null;
        if (text[0] == '[')
        {
            int close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || close + 1 >= text.Length || text[close + 1] != ':') return false;
            host = text[1..close];
            portText = text[(close + 2)..];
        }

        if (Ipv6Address.TryParse(host, out Ipv6Address v6))
        {
            address = v6;
        }
        else
        {
            // Brackets around anything else lose their port: the host is split again at its own last colon.
            int colon = host.LastIndexOf(':');
            portText = colon < 0 ? null : host[(colon + 1)..];
            if (colon >= 0) host = host[..colon];
            if (!TryParseHost(host, names, out Ipv4Address v4)) return false;
            address = v4;
        }

        if (portText is null) return true;
        if (TryParseNumber(portText, 0, 65535, out long number))
        {
            port = (ushort)number;
            return true;
        }

        if (portText.Length == 0 || !names.TryFindPort(portText, protocol, out ushort found)) return false;
        port = found;
        return true;
    }

    private static bool TryParsePart(string text, out ulong value)
    {
        value = 0;
        uint radix = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? 16u : text.StartsWith('0') ? 8u : 10u;
        int start = radix == 16 ? 2 : 0;
        if (start == text.Length) return false;
        for (int i = start; i < text.Length; i++)
        {
            int digit = char.IsAsciiHexDigit(text[i]) ? Convert.ToInt32(text.Substring(i, 1), 16) : 99;
            if (digit >= radix) return false;
            value = (value * radix) + (uint)digit;
            if (value > uint.MaxValue) return false;
        }

        return true;
    }
}
