using System.Globalization;
using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>Endpoints as tests write them: 192.0.2.1:80, [2001:db8::1]:80.</summary>
public static class Endpoints
{
    /// <summary>Reads an endpoint.</summary>
    public static IpEndpoint Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        string address = text[..colon].Trim('[', ']');
        return new IpEndpoint(IpAddress.Parse(address), ushort.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture));
    }
}
