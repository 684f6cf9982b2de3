using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Sync;

namespace NetVS.Director.Synchronisation;

/// <summary>Connections as records, and what records say in the director's words.</summary>
internal static class SyncMapping
{
    /// <summary>The flags of ours that messages know.</summary>
    private const ConnectionFlags Told = ConnectionFlags.Synced | ConnectionFlags.NoOutput | ConnectionFlags.Inactive | ConnectionFlags.OutboundSequence
        | ConnectionFlags.InboundSequence | ConnectionFlags.NoClientPort | ConnectionFlags.Template;

    /// <summary>A connection's record. Not for FULLNAT, of which messages know nothing.</summary>
    /// <param name="connection">The connection or template.</param>
    /// <param name="clientPort">The client's port; 0 for a template.</param>
    public static SyncRecord RecordOf<TFamily, TAddress>(in Connection<TAddress> connection, ushort clientPort)
        where TFamily : struct, IAddressFamily<TAddress>
        where TAddress : unmanaged, IEquatable<TAddress> => new()
        {
            Protocol = connection.Protocol,
            State = connection.State,
            Flags = FlagsOf(in connection),
            Client = TFamily.ToIpAddress(connection.Client),
            ClientPort = clientPort,
            Virtual = TFamily.ToIpAddress(connection.Virtual),
            VirtualPort = connection.VirtualPort,
            Real = TFamily.ToIpAddress(connection.Real),
            RealPort = connection.RealPort,
            Mark = connection.Mark,
            Timeout = connection.Timeout,
        };

    // What goes past the real servers is counted by none of them, so IPVS never marks it inactive.
    private static uint FlagsOf<TAddress>(in Connection<TAddress> connection)
        where TAddress : unmanaged
    {
        ConnectionFlags told = connection.Method == ForwardingMethod.Bypass ? Told & ~ConnectionFlags.Inactive : Told;
        return (uint)(connection.Flags & told) | (uint)connection.Method;
    }

    /// <summary>The forwarding method that a record names.</summary>
    /// <returns>False for one that is not known here.</returns>
    public static bool TryGetMethod(uint flags, out ForwardingMethod method)
    {
        // A sender's local real server is one to which NAT leads here, too: its own stack.
        method = (flags & SyncFlags.Method) switch
        {
            2 => ForwardingMethod.Tunnel,
            3 => ForwardingMethod.DirectRouting,
            4 => ForwardingMethod.Bypass,
            _ => ForwardingMethod.Nat,
        };
        return (flags & SyncFlags.Method) <= 4;
    }

    /// <summary>The real server in force here that a record names (reference §14.5, "New").</summary>
    public static Destination? FindDestination(ServiceTable table, in SyncRecord record) =>
        FindService(table, in record) is { } service ? FindDestination(service, record.Real, record.RealPort, record.Mark, record.Flags) : null;

    /// <summary>The service in force here that a record names.</summary>
    public static VirtualServiceState? FindService(ServiceTable table, in SyncRecord record) =>
        table.TryFind(record.Protocol, record.Virtual, record.VirtualPort, record.Mark, out VirtualServiceState? service) ? service : null;

    /// <summary>The real server of a service that a connection goes to: with its port, or for any port.</summary>
    public static Destination? FindDestination(VirtualServiceState service, IpAddress real, ushort port, uint mark, uint flags)
    {
        // By mark and without NAT, packets keep their port, whatever the rule's is.
        ushort first = mark != 0 && (flags & SyncFlags.Method) != 0 ? (ushort)0 : port;
        return service.Find(new IpEndpoint(real, first)) ?? service.Find(new IpEndpoint(real, (ushort)(first ^ port)));
    }
}
