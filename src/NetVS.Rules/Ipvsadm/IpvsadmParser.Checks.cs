using NetVS.Packets;

namespace NetVS.Rules.Ipvsadm;

/// <content>The sync daemon's options, and the checks that belong to one command each (reference §12.3, §12.4).</content>
public static partial class IpvsadmParser
{
    private sealed partial class Line
    {
        private void ReadDaemonRole() =>
            _daemon = new SyncDaemonRule
            {
                IsMaster = _scanner.Argument switch
                {
                    "master" => true,
                    "backup" => false,
                    _ => throw Fatal(
                        _verb == IpvsadmVerb.StartDaemon ? "illegal start-daemon parameter specified" : "illegal start_daemon specified", 2),
                },
            };

        private void TakeDaemonValue(IpvsadmOption option, string text)
        {
            switch (option)
            {
                case IpvsadmOption.McastInterface: _daemon = _daemon with { Interface = Cut(text, 15) }; break;
                case IpvsadmOption.SyncId:
                    _daemon = _daemon with { SyncId = (byte)Number(text, 0, 255, "illegal syncid specified") };
                    break;
                case IpvsadmOption.McastGroup:
                    bool isV6 = text.Contains(':', StringComparison.Ordinal);
                    if (!IpAddress.TryParse(text, out IpAddress group) || !group.IsMulticast)
                        throw Fatal($"invalid IPv{(isV6 ? 6 : 4)} mcast-group `{text}'", 2);
                    _daemon = _daemon with { Group = group };
                    break;
                case IpvsadmOption.McastPort:
                    _daemon = _daemon with { Port = (ushort)Number(text, 1, 65535, "illegal mcast-port specified") };
                    break;
                case IpvsadmOption.McastTtl:
                    _daemon = _daemon with { Ttl = (byte)Number(text, 1, 255, "illegal mcast-ttl specified") };
                    break;
                case IpvsadmOption.SyncMaxlen:
                    _daemon = _daemon with { MaxLength = (ushort)Number(text, 1, 65507, "illegal sync-maxlen specified") };
                    break;
            }
        }

        private void CheckVerb()
        {
            switch (_verb)
            {
                case IpvsadmVerb.List: CheckListing(); break;
                case IpvsadmVerb.AddService or IpvsadmVerb.EditService: CheckService(); break;
                case IpvsadmVerb.AddServer or IpvsadmVerb.EditServer: CheckServer(); break;
                case IpvsadmVerb.AddLocalAddress or IpvsadmVerb.DeleteLocalAddress when _local.Family != ServiceFamily:
                    throw Fatal("the local address must have the address family of the service", 2);
            }
        }

        private IpFamily ServiceFamily => _mark != 0 ? _family : _address.Family;

        private void CheckListing()
        {
            bool isOther = _given.ContainsKey(IpvsadmOption.Timeout) || _given.ContainsKey(IpvsadmOption.Daemon);
            bool hasNumbers = _given.ContainsKey(IpvsadmOption.Stats) || _given.ContainsKey(IpvsadmOption.Rate)
                || _given.ContainsKey(IpvsadmOption.Thresholds);
            if (((isOther || _given.ContainsKey(IpvsadmOption.Connection)) && hasNumbers)
                || (isOther && _given.ContainsKey(IpvsadmOption.PersistentConn)))
                throw Fatal("options conflicts in the list command", 2);
        }

        private void CheckService()
        {
            if (_mark != 0) return;
            if (_port == 0 && !_given.ContainsKey(IpvsadmOption.Persistent))
                throw Fatal("Zero port specified for non-persistent service", 2);
            if (_protocol != IpProtocol.Udp && _given.ContainsKey(IpvsadmOption.OnePacket))
                throw Fatal("One-Packet Scheduling is only for UDP virtual services", 2);
        }

        private void CheckServer()
        {
            // DR and TUN hand on the packet with its port as it is, so the server's port can only be the service's.
            if (_mark == 0 && _method is (ForwardingMethod.DirectRouting or ForwardingMethod.Tunnel)) _realPort = _port;
            if (_real.Family != ServiceFamily && _method != ForwardingMethod.Tunnel)
                throw Fatal("Different address family is allowed only for tunneling servers", 2);
            bool hasTunnelOption = _given.Keys.Any(o => o is IpvsadmOption.TunnelType or IpvsadmOption.TunnelPort
                or IpvsadmOption.TunnelNoChecksum or IpvsadmOption.TunnelChecksum or IpvsadmOption.TunnelRemoteChecksum);
            if (!hasTunnelOption) return;
            if (_method != ForwardingMethod.Tunnel) throw Fatal("Tunnel options conflict with forward method", 2);
            CheckTunnel();
        }

        private void CheckTunnel()
        {
            string type = _tunnelType switch { TunnelType.Gue => "gue", TunnelType.Gre => "gre", _ => "ipip" };
            if (_tunnelType == TunnelType.Gue && !_given.ContainsKey(IpvsadmOption.TunnelPort))
                throw Fatal("You need to supply the 'tun-port' option for the 'gue' tunnel type", 2);
            IpvsadmOption? checksum = null;
            for (IpvsadmOption option = IpvsadmOption.TunnelPort; option <= IpvsadmOption.TunnelRemoteChecksum; option++)
            {
                if (!_given.ContainsKey(option)) continue;
                bool isIllegal = _tunnelType == TunnelType.IpIp
                    || (_tunnelType == TunnelType.Gre && option is (IpvsadmOption.TunnelPort or IpvsadmOption.TunnelRemoteChecksum));
                if (isIllegal) throw Fatal($"Illegal '{option.Name()}' option with the '{type}' tunnel type", 2);
                if (option == IpvsadmOption.TunnelPort) continue;
                if (checksum is { } earlier)
                    throw Fatal($"The option '{option.Name()}' conflicts with the '{earlier.Name()}' option in the '{type}' tunnel type", 2);
                checksum = option;
            }
        }
    }
}
