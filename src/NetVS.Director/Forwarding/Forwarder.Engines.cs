// Reference §10.3.

using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Persistence;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Services whose clients a persistence engine recognises.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>What the service's engine finds in a packet; nothing where the service has none.</summary>
    /// <returns>False when the engine finds nothing, and the packet cannot begin a connection.</returns>
    private static bool TryReadEngineKey(
        VirtualServiceState service, ReadOnlySpan<byte> frame, scoped in PacketShape shape, scoped in FlowEnds<TAddress> ends, out ReadOnlySpan<byte> key)
    {
        key = default;
        if (service.Engine is not { } engine) return true;
        return ends.Protocol == engine.Protocol && ends.Protocol == IpProtocol.Udp &&
            engine.TryFindKey(frame.Slice(shape.L4Offset, shape.L4Length)[UdpHeader.Size..], out key);
    }

    /// <summary>Makes a connection of a real server's own packet to a client, in the reverse sense, where an engine recognises what it is about.</summary>
    /// <remarks>Without it the packet goes on as the real server sent it, its address unchanged: so it is where there is no key in it, too.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryBeginByReply(
        ServiceTable table, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now, out Verdict verdict)
    {
        verdict = default;
        if (ends.Protocol != IpProtocol.Udp || !ends.HasL4 || ends.SourcePort == 0 || ends.DestinationPort == 0) return false;
        if (table.FindEngineServer(TFamily.ToIpAddress(ends.Source), ends.SourcePort) is not { } destination) return false;
        VirtualServiceState service = destination.Service;
        if (!TryReadEngineKey(service, packet.Frame, in shape, in ends, out ReadOnlySpan<byte> engineKey)) return false;
        TAddress virtualAddress = TFamily.FromIpAddress(service.Key.Address);
        TemplateKey<TAddress> templateKey = TemplateOf(service, ends.Protocol, ends.Destination, virtualAddress, service.Key.Port);
        var key = new ConnectionKey<TAddress>(ends.Protocol, ends.Destination, ends.DestinationPort, virtualAddress, service.Key.Port);
        var target = new ConnectionTarget<TAddress>(ForwardingMethod.Nat, ends.Source, ends.SourcePort, destination.Index);

        // The client's port may have a connection to another real server, which this one has taken the call over from.
        int former = _connections.FindInbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort);
        if (former != 0) End(former, now);
        int template = 0, handle = 0;
        bool isMade = !IsTableFull() && _templates.TryBindTo(service, in templateKey, engineKey, destination, now, out template);
        if (isMade && !_connections.TryCreate(in key, in target, now, out handle))
        {
            _templates.Release(template, isForced: false);
            isMade = false;
        }

        if (!isMade)
        {
            verdict = _worker.Drop(ref packet, DropReason.TableFull);
            return true;
        }

        destination.Bind(isTemplate: false);
        _counters.CountConnection(destination);
        _worker.Count(ForwardingEvent.BegunByServer);
        ref Connection<TAddress> connection = ref _connections[handle];
        TryCountClient(ref connection, service, isLimited: false);
        connection.Controller = template;
        bool isOnePacket = (service.Rule.Flags & ServiceFlags.OnePacket) != 0;
        if (isOnePacket) connection.Flags |= ConnectionFlags.OnePacket;
        verdict = ForwardOutbound(handle, ref packet, in shape, in ends, now);
        if (isOnePacket) EndOnePacket(handle, in shape, now);
        return true;
    }
}
