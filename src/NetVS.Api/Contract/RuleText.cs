using NetVS.Packets;

namespace NetVS.Api.Contract;

/// <summary>Keys and endpoints as they stand in bodies and paths.</summary>
internal static class RuleText
{
    /// <summary>A service's key.</summary>
    public static string Format(Rules.ServiceKey key) => key.IsMark
        ? $"{(key.Family == IpFamily.V6 ? "fwm6" : "fwm")}:{key.Mark}"
        : $"{key.Protocol.ToString().ToLowerInvariant()}:{new IpEndpoint(key.Address, key.Port)}";

    /// <summary>Reads a service's key.</summary>
    public static bool TryParseKey(string text, out Rules.ServiceKey key)
    {
        key = default;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return false;
        string rest = text[(colon + 1)..];
        IpProtocol? protocol = null;
        switch (text[..colon])
        {
            case "tcp": protocol = IpProtocol.Tcp; break;
            case "udp": protocol = IpProtocol.Udp; break;
            case "sctp": protocol = IpProtocol.Sctp; break;
            case "fwm" or "fwm6" when TryParseDigits(rest, out uint mark) && mark > 0:
                key = Rules.ServiceKey.OfMark(text[..colon] == "fwm6" ? IpFamily.V6 : IpFamily.V4, mark);
                return true;
        }

        if (protocol is not { } known || !TryParseEndpoint(rest, out IpEndpoint endpoint)) return false;
        key = Rules.ServiceKey.Of(known, endpoint.Address, endpoint.Port);
        return true;
    }

    /// <summary>Reads an address with a port: 192.0.2.1:80 or [2001:db8::1]:80.</summary>
    public static bool TryParseEndpoint(string text, out IpEndpoint endpoint)
    {
        endpoint = default;
        int colon = text.LastIndexOf(':');
        if (colon < 1 || !TryParseDigits(text[(colon + 1)..], out uint port) || port > ushort.MaxValue) return false;
        string host = text[..colon];
        bool isBracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        if (!IpAddress.TryParse(isBracketed ? host[1..^1] : host, out IpAddress address)) return false;
        if (isBracketed != (address.Family == IpFamily.V6)) return false;
        endpoint = new IpEndpoint(address, (ushort)port);
        return true;
    }

    private static bool TryParseDigits(string text, out uint number) =>
        uint.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
}
