using NetVS.Packets;

namespace NetVS.Rules.Ipvsadm;

/// <summary>Knows no name at all: for replay and tests, which must not depend on the machine's tables.</summary>
public sealed class NoNames : INameSource
{
    /// <summary>The one there is.</summary>
    public static NoNames Instance { get; } = new();

    /// <inheritdoc/>
    public bool TryFindHost(string name, out Ipv4Address address)
    {
        address = default;
        return false;
    }

    /// <inheritdoc/>
    public bool TryFindPort(string service, IpProtocol protocol, out ushort port)
    {
        port = 0;
        return false;
    }

    /// <inheritdoc/>
    public string? FindHostName(IpAddress address) => null;

    /// <inheritdoc/>
    public string? FindServiceName(ushort port, IpProtocol protocol) => null;
}
