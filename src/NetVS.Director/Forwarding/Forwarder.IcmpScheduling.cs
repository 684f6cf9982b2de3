// Reference §4.3 (what may create a connection, "leave"), §9.1.

using NetVS.Director.Connections;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>Connections that an ICMP error begins (<c>schedule_icmp</c>).</content>
/// <remarks>
/// Of several directors that share a VIP by anycast or equal-cost routes, an error may reach another one than the packets it is about. With a scheduler that
/// hashes, this one chooses the same real server as that one did, and the error (a path MTU above all) comes to whom it concerns.
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>An error about a reply that no connection here has sent: begins the connection, and forwards the error by it.</summary>
    /// <remarks>
    /// The entry is as a new one is: no state, three seconds. What no service is for goes to the stack. IPVS looks at the error's checksum after it has
    /// made the connection; here a damaged error makes none.
    /// </remarks>
    private Verdict ScheduleByError(ServiceTable table, ref Packet packet, in PacketShape shape, in QuotedPacket<TAddress> quoted, MonotonicTime now)
    {
        if (_sync.IsStandingBy) return PassOn(ref packet, in shape, now);

        // The quote is a reply: the request's ends are its own, turned round. Its mark is its packets'.
        var ends = new FlowEnds<TAddress>
        {
            Source = quoted.Destination,
            SourcePort = quoted.DestinationPort,
            Destination = quoted.Source,
            DestinationPort = quoted.SourcePort,
            Protocol = quoted.Shape.Protocol,
            HasL4 = true,
        };
        uint mark = packet.Mark != 0 ? packet.Mark : TFamily.MarkOf(table, ends.Protocol, ends.Destination, ends.DestinationPort);
        if (!TFamily.TryFindService(table, ends.Protocol, ends.Destination, ends.DestinationPort, mark, out VirtualServiceState? service))
            return PassOn(ref packet, in shape, now);
        if (MustDropNew()) return _worker.Drop(ref packet, DropReason.DropPacket);
        if (ends.SourcePort == ServiceTable.FtpDataPort) return PassOn(ref packet, in shape, now);
        DropReason refusal = TryMakeByError(service!, ref packet, in shape, in ends, now, out int handle);
        if (refusal == DropReason.NoDestination && IsBesideFtp(service!, in ends)) return PassOn(ref packet, in shape, now);
        if (refusal != DropReason.None) return _worker.Drop(ref packet, refusal);
        _worker.Count(ForwardingEvent.BegunByError);
        bool isOnePacket = IsOnePacket(service!, ends.Protocol);
        if (isOnePacket) _connections[handle].Flags |= ConnectionFlags.OnePacket;
        Verdict verdict = ForwardErrorInbound(handle, ref packet, in shape, in quoted, now);
        if (isOnePacket) End(handle, now);
        return verdict;
    }

    // An engine finds its key in a request, which is not here.
    private DropReason TryMakeByError(
        VirtualServiceState service, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now, out int handle)
    {
        handle = 0;
        if (!TFamily.IsPossibleSource(ends.Source)) return DropReason.BadSourceAddress;
        if (!HasGoodIcmpChecksum(ref packet, in shape)) return DropReason.BadIcmpChecksum;
        if (IsTableFull()) return DropReason.TableFull;
        if (service.Limits is { } limits && FindLimit(service, limits, in ends) is not DropReason.None and var over) return over;
        return IsPersistent(service) && service.Engine is not null ? DropReason.NoPersistenceKey : TryMakeScheduled(service, default, in ends, now, out handle);
    }
}
