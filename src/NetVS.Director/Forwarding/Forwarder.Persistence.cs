// Reference §7.

using NetVS.Director.Connections;
using NetVS.Director.Offload;
using NetVS.Director.Persistence;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Clients that keep their real server.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private static bool IsPersistent(VirtualServiceState service) => (service.Rule.Flags & ServiceFlags.Persistent) != 0;

    /// <summary>
    /// The template's key (reference §7.1): an FTP service and one with port 0 keep all ports of the client together, a mark service everything with
    /// that mark.
    /// </summary>
    private static TemplateKey<TAddress> TemplateOf(
        VirtualServiceState service, IpProtocol protocol, TAddress client, TAddress virtualAddress, ushort virtualPort)
    {
        TAddress masked = TFamily.Mask(service.Rule, client);
        if (service.Key.IsMark) return new TemplateKey<TAddress>(IpProtocol.HopByHop, masked, TFamily.AddressOfMark(service.Key.Mark), 0);
        bool isOnePort = virtualPort == service.Key.Port && virtualPort != ServiceTable.FtpPort;
        return new TemplateKey<TAddress>(protocol, masked, virtualAddress, isOnePort ? virtualPort : (ushort)0);
    }

    private Destination? ChoosePersistently(
        VirtualServiceState service, ReadOnlySpan<byte> engineKey, in FlowEnds<TAddress> ends, MonotonicTime now, out int template, out DropReason refusal) => _templates.Choose(
        service, TemplateOf(service, ends.Protocol, ends.Source, ends.Destination, ends.DestinationPort), engineKey, RequestOf(in ends, now),
        _settings.ExpireQuiescentTemplate, now, out template, out refusal);

    /// <summary>The state of a TCP or SCTP connection has changed.</summary>
    private void TellTemplate(in Connection<TAddress> connection)
    {
        byte established = connection.Protocol == IpProtocol.Sctp ? (byte)SctpState.Established : (byte)TcpState.Established;
        if (connection.Controller != 0 && connection.State == established) _templates.Assure(connection.Controller);
    }

    /// <summary>A reply of a UDP connection has been seen (reference §6.2).</summary>
    private void TellTemplateOfReply(ref Connection<TAddress> connection)
    {
        if ((connection.Flags & ConnectionFlags.TemplateTold) != 0) return;
        connection.Flags |= ConnectionFlags.TemplateTold;
        if (connection.Controller != 0) _templates.Assure(connection.Controller);
    }

    // Templates are not in the flow table: their connections bring them back, but for those whose key was in a packet.
    private void RecallTemplate(ref Connection<TAddress> connection, Destination destination, in Flow<TAddress> request, MonotonicTime now)
    {
        VirtualServiceState service = destination.Service;
        if (!IsPersistent(service) || service.Engine is not null) return;
        TemplateKey<TAddress> key = TemplateOf(service, request.Protocol, request.Source, request.Target, request.TargetPort);
        int template = _templates.Adopt(service, in key, destination, now);
        if (template == 0) return;
        connection.Controller = template;
        _templates.Assure(template);
    }
}
