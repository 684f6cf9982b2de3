using System.Numerics;
using NetVS.Packets;
using NetVS.Rules.Listing;

namespace NetVS.Rules.Ipvsadm;

/// <summary>Reads one command line of ipvsadm.</summary>
/// <remarks>
/// Reference §12.2-§12.4. Only the first problem is reported, in ipvsadm's order: the options from left to right with their
/// values; the words of <c>--set</c>; words left over; scheduler flags; which options the command takes; then the checks of the
/// command itself. What may be wrong with the rule beyond its grammar is the director's to say.
/// </remarks>
public static partial class IpvsadmParser
{
    private const long MostSeconds = VirtualServiceRule.MostPersistence;

    /// <summary>The complaint about a line whose first option is no command.</summary>
    internal static IpvsadmFailure NotACommand { get; } =
        new("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", 255, true, 0);

    /// <summary>Reads the words after the program's name.</summary>
    public static IpvsadmParse Parse(IReadOnlyList<string> words, INameSource names)
    {
        try
        {
            return new IpvsadmParse(new Line(words, names).Read(), null);
        }
        catch (Refusal refusal)
        {
            return new IpvsadmParse(null, refusal.Failure);
        }
    }

    /// <summary>Carries a complaint from the depth of the grammar to <see cref="Parse"/>; never leaves it.</summary>
    private sealed class Refusal(IpvsadmFailure failure) : Exception(failure.Text)
    {
        public IpvsadmFailure Failure { get; } = failure;
    }

    /// <summary>The state of reading one line: what has been given so far, in the order of the words.</summary>
    private sealed partial class Line(IReadOnlyList<string> words, INameSource names)
    {
        private readonly OptionScanner _scanner = new(words);
        private readonly Dictionary<IpvsadmOption, int> _given = [];
        private readonly HashSet<ServiceOptionSpec> _givenOfService = [];
        private ServiceOptions _options = ServiceOptions.None;
        private IpvsadmVerb _verb;
        private IpFamily _family = IpFamily.V4;
        private IpProtocol _protocol;
        private IpAddress _address;
        private ushort _port;
        private uint _mark;
        private string _scheduler = "";
        private string? _engine;
        private string? _flagText;
        private int _flagWord;
        private uint _persistence;
        private uint _netmask = 0xFFFF_FFFF;
        private IpAddress _real;
        private ushort _realPort;
        private ForwardingMethod _method = ForwardingMethod.DirectRouting;
        private int _weight = 1;
        private uint _upper, _lower;
        private TunnelType _tunnelType;
        private ushort _tunnelPort;
        private IpAddress _local;
        private SyncDaemonRule _daemon = new() { IsMaster = false };
        private (int Tcp, int TcpFin, int Udp) _timeouts;

        public IpvsadmCommand Read()
        {
            if (words.Count == 0) return new IpvsadmCommand { Verb = IpvsadmVerb.List };
            if (_scanner.Next(IpvsadmTables.Verbs) != ScanResult.Option) throw new Refusal(NotACommand);
            _verb = (IpvsadmVerb)(_scanner.Option.Id - IpvsadmTables.VerbBase);
            if (_verb is IpvsadmVerb.Help or IpvsadmVerb.Version) return new IpvsadmCommand { Verb = _verb };
            if (_verb is IpvsadmVerb.StartDaemon or IpvsadmVerb.StopDaemon) ReadDaemonRole();
            ReadOptions();
            int expected = _verb == IpvsadmVerb.SetTimeouts ? ReadTimeouts() : 0;
            if (_scanner.LeftOver.Count > expected)
                throw Fatal($"unexpected argument {_scanner.LeftOver[expected].Word}", 2, _scanner.LeftOver[expected].Index);
            ServiceFlags flags = ReadSchedulerFlags();
            if (IpvsadmVerbSpec.Of(_verb).Check(_given.Keys) is { } complaint)
                throw Fatal(complaint.Text, 2, _given.GetValueOrDefault(complaint.Blame));
            CheckVerb();
            return Build(flags);
        }

        private Refusal Fatal(string text, int exitCode, int? word = null) =>
            new(new IpvsadmFailure(text, exitCode, true, word ?? _scanner.WordIndex));

        private void ReadOptions()
        {
            IReadOnlyList<OptionSpec> table = IpvsadmTables.OptionsOf(_verb);
            while (true)
            {
                string? problem = null;
                switch (_scanner.Next(table))
                {
                    case ScanResult.End: return;
                    case ScanResult.Unknown: problem = "unknown option"; break;
                    case ScanResult.MissingArgument: problem = "missing argument"; break;
                    case ScanResult.UnwantedArgument: problem = "option does not take an argument"; break;
                    default: Take(_scanner.Option.Id, _scanner.Argument); break;
                }

                // The option library's own complaints do not end a restore.
                if (problem is not null)
                    throw new Refusal(new IpvsadmFailure($"{_scanner.Word}: {problem}", 255, false, _scanner.WordIndex));
            }
        }

        private void Take(int id, string? argument)
        {
            if (id == IpvsadmTables.Sort) return;
            if (id == IpvsadmTables.Ipv6)
            {
                if (_mark == 0) throw Fatal("-6 used before -f\n", 2);
                _family = IpFamily.V6;
                _netmask = 128;
                return;
            }

            if (id >= IpvsadmTables.VerbBase) throw Fatal($"invalid option `{_scanner.Word}'", 2);
            var option = (IpvsadmOption)(id & 0xFF);
            if (option == IpvsadmOption.ServiceOption)
            {
                TakeServiceOption(ServiceOptionTable.All[IpvsadmTables.OptionValue(id)], argument);
                return;
            }

            if (!_given.TryAdd(option, _scanner.WordIndex)) throw Fatal($"multiple '{option.Name()}' options specified", 2);
            TakeValue(option, IpvsadmTables.OptionValue(id), argument ?? "", argument is not null);
        }

        private void TakeValue(IpvsadmOption option, int value, string text, bool hasText)
        {
            switch (option)
            {
                case IpvsadmOption.ServiceAddress when value == 0:
                    _protocol = IpProtocol.Tcp;
                    _mark = (uint)Number(text, 1, uint.MaxValue, $"invalid fwmark value `{text}' specified");
                    break;
                case IpvsadmOption.ServiceAddress: ReadService((IpProtocol)value, text); break;
                case IpvsadmOption.Scheduler: _scheduler = Cut(text, 15); break;
                case IpvsadmOption.PersistenceEngine: _engine = Cut(text, 16); break;
                case IpvsadmOption.SchedulerFlags: (_flagText, _flagWord) = (text, _scanner.WordIndex); break;
                case IpvsadmOption.Persistent:
                    _persistence = hasText ? (uint)Number(text, 1, MostSeconds, $"invalid timeout value `{text}' specified") : 360;
                    break;
                case IpvsadmOption.Netmask: ReadNetmask(text); break;
                case IpvsadmOption.RealServer: ReadReal(text); break;
                case IpvsadmOption.ForwardingMethod: _method = (ForwardingMethod)value; break;
                case IpvsadmOption.Weight: _weight = (int)Number(text, 0, 65535, "illegal weight specified"); break;
                case IpvsadmOption.UpperThreshold:
                    _upper = (uint)Number(text, 0, int.MaxValue, "illegal u_threshold specified");
                    break;
                case IpvsadmOption.LowerThreshold:
                    _lower = (uint)Number(text, 0, int.MaxValue, "illegal l_threshold specified");
                    break;
                case IpvsadmOption.TunnelType:
                    _tunnelType = text switch
                    {
                        "ipip" => TunnelType.IpIp,
                        "gue" => TunnelType.Gue,
                        "gre" => TunnelType.Gre,
                        _ => throw Fatal("illegal tunnel type specified", 2),
                    };
                    break;
                case IpvsadmOption.TunnelPort:
                    _tunnelPort = (ushort)Number(text, 1, 65535, "illegal tunnel port specified");
                    break;
                case IpvsadmOption.LocalAddress:
                    if (Ipv6Address.TryParse(text, out Ipv6Address v6)) _local = v6;
                    else if (text.Any(c => !char.IsAsciiDigit(c)) && AddressText.TryParseHost(text, names, out Ipv4Address v4)) _local = v4;
                    else throw Fatal("illegal local address specified", 2);
                    break;
                default: TakeDaemonValue(option, text); break;
            }
        }

        private void TakeServiceOption(ServiceOptionSpec option, string? argument)
        {
            if (_verb is not (IpvsadmVerb.AddService or IpvsadmVerb.EditService))
                throw Fatal($"Illegal '{option.Name}' option with the '{IpvsadmVerbSpec.Of(_verb).Name}' command", 2);
            if (!_givenOfService.Add(option)) throw Fatal($"multiple '{option.Name}' options specified", 2);
            _given.TryAdd(IpvsadmOption.ServiceOption, _scanner.WordIndex);
            _options = option.Read(_options, argument ?? ServiceOptionSpec.On) ?? throw Fatal($"invalid {option.Name} value `{argument}' specified", 2);
        }

        private long Number(string text, long least, long most, string complaint) =>
            AddressText.TryParseNumber(text, least, most, out long number) ? number : throw Fatal(complaint, 2);

        private static string Cut(string text, int length) => text.Length > length ? text[..length] : text;

        private void ReadService(IpProtocol protocol, string text)
        {
            if (!AddressText.TryParseEndpoint(text, protocol, names, out _address, out ushort? port))
                throw Fatal("illegal virtual server address[:port] specified", 2);
            _protocol = protocol;
            _port = port ?? 0;
            if (_address.Family != IpFamily.V6) return;
            _family = IpFamily.V6;
            _netmask = 128;
        }

        private void ReadNetmask(string text)
        {
            if (_family == IpFamily.V6)
                _netmask = (uint)Number(text, 1, 128, "illegal ipv6 netmask specified");
            else if (AddressText.TryParseHost(text, names, out Ipv4Address mask))
                _netmask = mask.Value;
            else
                throw Fatal("illegal virtual server persistent mask specified", 2);
        }

        private void ReadReal(string text)
        {
            if (!AddressText.TryParseEndpoint(text, _protocol, names, out _real, out ushort? port))
                throw Fatal("illegal real server address[:port] specified", 2);
            _realPort = port ?? _port;
        }

        private int ReadTimeouts()
        {
            if (_scanner.LeftOver.Count < 3) throw Fatal("--set option requires 3 timeout values", 2);
            Span<int> values = stackalloc int[3];
            for (int i = 0; i < 3; i++)
            {
                (string text, int index) = _scanner.LeftOver[i];
                if (!AddressText.TryParseNumber(text, 0, MostSeconds, out long seconds))
                    throw Fatal($"invalid timeout value `{text}' specified", 2, index);
                values[i] = (int)seconds;
            }

            _timeouts = (values[0], values[1], values[2]);
            return 3;
        }

        private ServiceFlags ReadSchedulerFlags()
        {
            ServiceFlags flags = ServiceFlags.None;
            if (_flagText is null) return flags;
            string scheduler = _scheduler.Length == 0 ? "wlc" : _scheduler;
            foreach (string name in _flagText.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!SchedulerFlagNames.TryParse(name, out ServiceFlags flag, out string? needs))
                    throw Fatal($"invalid scheduler flag `{name}'", 2, _flagWord);
                if (needs is not null && needs != scheduler) throw Fatal($"incompatible scheduler flag `{name}'", 2, _flagWord);
                flags |= flag;
            }

            return flags;
        }

        private IpvsadmCommand Build(ServiceFlags flags)
        {
            ServiceKey? key = !_given.ContainsKey(IpvsadmOption.ServiceAddress) ? null
                : _mark != 0 ? ServiceKey.OfMark(_family, _mark)
                : ServiceKey.Of(_protocol, _address, _port);
            bool isService = _verb is IpvsadmVerb.AddService or IpvsadmVerb.EditService;
            bool isServer = _verb is IpvsadmVerb.AddServer or IpvsadmVerb.EditServer or IpvsadmVerb.DeleteServer;
            if (_given.ContainsKey(IpvsadmOption.Persistent)) flags |= ServiceFlags.Persistent;
            if (_given.ContainsKey(IpvsadmOption.OnePacket)) flags |= ServiceFlags.OnePacket;
            return new IpvsadmCommand
            {
                Verb = _verb,
                Service = key,
                ServiceRule = !isService ? null : new VirtualServiceRule
                {
                    Key = key!.Value,
                    Scheduler = _scheduler.Length == 0 ? "wlc" : _scheduler,
                    Flags = flags,
                    PersistenceTimeout = _persistence,
                    Netmask = _family == IpFamily.V6 ? 0xFFFF_FFFF : _netmask,
                    NetmaskPrefix = _family == IpFamily.V6 ? _netmask : (uint)BitOperations.LeadingZeroCount(~_netmask),
                    PersistenceEngine = _engine is { Length: > 0 } ? _engine : null,
                    Options = _options,
                },
                Destination = !isServer ? null : new DestinationRule
                {
                    Real = new IpEndpoint(_real, _realPort),
                    Method = _method,
                    Weight = _weight,
                    UpperThreshold = _upper,
                    LowerThreshold = _lower,
                    TunnelType = _tunnelType,
                    TunnelPort = _tunnelPort,
                    TunnelChecksum = _given.ContainsKey(IpvsadmOption.TunnelRemoteChecksum) ? TunnelChecksum.RemoteChecksum
                        : _given.ContainsKey(IpvsadmOption.TunnelChecksum) ? TunnelChecksum.Checksum : TunnelChecksum.None,
                },
                LocalAddress = _local,
                Listing = BuildListing(),
                Timeouts = _timeouts,
                SyncDaemon = _verb is IpvsadmVerb.StartDaemon or IpvsadmVerb.StopDaemon ? _daemon : null,
            };
        }

        private ListingOptions BuildListing() => new()
        {
            Subject = _given.ContainsKey(IpvsadmOption.Connection) ? ListingSubject.Connections
                : _given.ContainsKey(IpvsadmOption.Timeout) ? ListingSubject.Timeouts
                : _given.ContainsKey(IpvsadmOption.Daemon) ? ListingSubject.SyncDaemons : ListingSubject.Services,
            Layout = _given.ContainsKey(IpvsadmOption.Stats) ? ListingLayout.Statistics
                : _given.ContainsKey(IpvsadmOption.Rate) ? ListingLayout.Rates
                : _given.ContainsKey(IpvsadmOption.Thresholds) ? ListingLayout.Thresholds
                : _given.ContainsKey(IpvsadmOption.PersistentConn) ? ListingLayout.PersistentConnections
                : _given.ContainsKey(IpvsadmOption.TunnelInfo) ? ListingLayout.TunnelInfo : ListingLayout.Default,
            IsNumeric = _given.ContainsKey(IpvsadmOption.Numeric),
            IsExact = _given.ContainsKey(IpvsadmOption.Exact),
            IsSorted = !_given.ContainsKey(IpvsadmOption.NoSort),
        };
    }
}
