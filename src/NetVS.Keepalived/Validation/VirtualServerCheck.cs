// Reference §5.6.
using System.Collections.Immutable;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Keywords;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Keepalived.Validation;

/// <summary>Completes one virtual server: defaults, and corrections of what does not go together.</summary>
internal sealed class VirtualServerCheck(VirtualServer server, VirtualServerGroup? group, DiagnosticBag diagnostics)
{
    private VirtualServer _v = server;

    private bool IsMark => _v.Kind == VirtualServerKind.Mark;

    /// <summary>The completed virtual server; null if there is nothing to serve.</summary>
    public VirtualServer? Complete()
    {
        if (_v.RealServers.Count == 0)
        {
            Report($"Virtual server {_v.Name} has no real servers - ignoring", "add a real_server that can be used");
            return null;
        }

        if (_v.SuspendsWithoutAddress && IsMark)
        {
            Report($"Virtual server {_v.Name}: cannot use ha_suspend with fwmarks - clearing ha_suspend", "take ha_suspend out");
            _v = _v with { SuspendsWithoutAddress = false };
        }

        CheckProtocol();
        if (_v.Scheduler is null)
        {
            Report($"Virtual server {_v.Name}: no scheduler set, setting default '{VirtualServerDefaults.Scheduler}'", "add lvs_sched");
            _v = _v with { Scheduler = VirtualServerDefaults.Scheduler };
        }

        CheckForwarding();
        CheckQuorum();
        CheckPorts();
        return _v;
    }

    private void Report(string message, string advice) => diagnostics.Warn(_v.Position, message, advice);

    private void CheckProtocol()
    {
        if (IsMark)
        {
            if (_v.Protocol is null) return;
            _v = _v with { Protocol = null };
            Report($"Warning: Virtual server {_v.Name}: protocol specified for fwmark - protocol will be ignored", "take protocol out");
            return;
        }

        if (_v.Protocol is null && (group is null || group.Entries.Any(e => e.Kind == GroupEntryKind.Addresses)))
        {
            Report($"Virtual server {_v.Name}: no protocol set - defaulting to UDP", "add protocol: TCP, UDP or SCTP");
            _v = _v with { Protocol = IpProtocol.Udp };
        }

        if (_v.IsOnePacket && _v.Protocol != IpProtocol.Udp)
        {
            Report($"Virtual server {_v.Name}: one packet scheduling requires UDP - resetting", "take ops out");
            _v = _v with { IsOnePacket = false };
        }

        bool hasNoPort = group is null ? _v.Endpoint.Port == 0 : group.Entries.Any(e => e.Kind == GroupEntryKind.Addresses && e.Port == 0);
        if (!hasNoPort || _v.PersistenceTimeout != 0) return;
        Report($"Virtual server {_v.Name}: zero port only valid for persistent services - setting", "add persistence_timeout, or a port");
        _v = _v with { PersistenceTimeout = VirtualServerDefaults.Persistence };
    }

    private void CheckForwarding()
    {
        if (_v.Forwarding is null && (_v.RealServers.Any(r => r.Forwarding is null) || _v.Sorry is { Forwarding: null }))
            Report($"Virtual server {_v.Name}: no forwarding method set, setting default NAT", "add lvs_method");
        _v = _v with { Forwarding = _v.Forwarding ?? new Forwarding { Method = ForwardingMethod.Nat } };

        var seen = new HashSet<IpEndpoint>();
        ImmutableList<RealServer>.Builder servers = ImmutableList.CreateBuilder<RealServer>();
        foreach (RealServer real in _v.RealServers)
        {
            if (seen.Add(real.Endpoint)) servers.Add(real);
            else diagnostics.Warn(real.Position, $"VS {_v.Name}: real server {NameOf(real.Endpoint)} is duplicated - removing second rs", "take one of them out");
        }

        _v = _v with { RealServers = servers.ToImmutable() };
        if (_v.Sorry is { } sorry && _v.Kind == VirtualServerKind.Address && sorry.Endpoint.Address.Family != _v.Endpoint.Address.Family
            && (sorry.Forwarding ?? _v.Forwarding).Method != ForwardingMethod.Tunnel)
        {
            diagnostics.Error(sorry.Position, $"Address family of virtual server and sorry server {sorry.Endpoint.Address} don't match - skipping sorry server.", "use an address of the same family");
            _v = _v with { Sorry = null };
        }
    }

    private void CheckQuorum()
    {
        long weight = _v.RealServers.Sum(r => (long)(r.Weight ?? _v.Weight));
        if (_v.Quorum > weight)
        {
            Report($"Warning - quorum {_v.Quorum} for {_v.Name} exceeds total weight of real servers {weight}, reducing quorum to {weight}", "lower the quorum, or raise weights");
            _v = _v with { Quorum = (uint)weight };
        }

        if (_v.Hysteresis < _v.Quorum || _v.Hysteresis == 0) return;
        uint hysteresis = _v.Quorum == 0 ? 0 : _v.Quorum - 1;
        Report($"Virtual server {_v.Name}: hysteresis {_v.Hysteresis} >= quorum {_v.Quorum}; setting hysteresis to {hysteresis}", "lower the hysteresis");
        _v = _v with { Hysteresis = hysteresis };
    }

    private void CheckPorts()
    {
        ImmutableList<RealServer>.Builder servers = ImmutableList.CreateBuilder<RealServer>();
        foreach (RealServer real in _v.RealServers)
        {
            bool rewrites = (real.Forwarding ?? _v.Forwarding!).Method is ForwardingMethod.Nat or ForwardingMethod.FullNat;
            ushort port = real.Endpoint.Port;
            if (_v.Kind == VirtualServerKind.Address)
            {
                if (port == 0) port = _v.Endpoint.Port;
                if (!rewrites && port != _v.Endpoint.Port)
                {
                    diagnostics.Warn(real.Position, $"WARNING - virtual server {_v.Name} and real server {NameOf(real.Endpoint)} ports don't match - resetting", "only NAT and FULLNAT can change the port");
                    port = _v.Endpoint.Port;
                }
            }
            else if (IsMark && !rewrites && port != 0)
            {
                diagnostics.Warn(real.Position, $"WARNING - fwmark virtual server {_v.Name}, real server {NameOf(real.Endpoint)} has port specified - clearing", "take the port out");
                port = 0;
            }
            else if (group is not null && !rewrites && port != 0)
            {
                foreach (GroupEntry entry in group.Entries.Where(e => e.Kind == GroupEntryKind.Addresses && e.Port != port))
                    diagnostics.Warn(real.Position, $"virtual server {_v.Name}:[{RangeOf(entry)},{entry.Port}] and real server {NameOf(real.Endpoint)} ports don't match", "only NAT and FULLNAT can change the port");
            }

            servers.Add(real with { Endpoint = real.Endpoint with { Port = port } });
        }

        _v = _v with { RealServers = servers.ToImmutable() };
        CheckSorryPort();
    }

    private void CheckSorryPort()
    {
        if (_v.Sorry is not { } sorry) return;
        ushort port = sorry.Endpoint.Port;
        bool rewrites = (sorry.Forwarding ?? _v.Forwarding!).Method is ForwardingMethod.Nat or ForwardingMethod.FullNat;
        if (_v.Kind == VirtualServerKind.Address)
        {
            if (port == 0) port = _v.Endpoint.Port;
            if (!rewrites && port != _v.Endpoint.Port)
            {
                diagnostics.Warn(sorry.Position, $"WARNING - virtual server {_v.Name} and sorry server ports don't match - resetting", "only NAT and FULLNAT can change the port");
                port = _v.Endpoint.Port;
            }
        }
        else if (!rewrites && port != 0)
        {
            diagnostics.Warn(sorry.Position, $"WARNING - virtual server {_v.Name}, sorry server has port specified - port will be ignored", "take the port out");
            port = 0;
        }

        _v = _v with { Sorry = sorry with { Endpoint = sorry.Endpoint with { Port = port } } };
    }

    private string NameOf(IpEndpoint real) => $"[{real.Address}]:{_v.ProtocolName}:{real.Port}";

    private static string RangeOf(GroupEntry entry) => entry.First == entry.Last ? entry.First.ToString() : $"{entry.First}-{entry.Last}";
}
