using System.Runtime.InteropServices;
using NetVS.Director.Services;
using NetVS.Linux.Bpf;
using NetVS.Linux.Flows;
using NetVS.Packets;

namespace NetVS.Linux.Divert;

/// <summary>bpf/divert.bpf.c, loaded: its programs and what its maps say.</summary>
/// <remarks>
/// Threads: the members that write maps take one lock. An endpoint is put in before its address says that there is one and taken out
/// after, so that no packet sees half of a rule.
/// </remarks>
internal sealed class DivertProgram : IDisposable
{
    /// <summary>Where a kernel says its own types (CONFIG_DEBUG_INFO_BTF): with them the verifier looks at each function once.</summary>
    private const string KernelTypes = "/sys/kernel/btf/vmlinux";

    private static readonly string[] s_counterNames =
    [
        "divert_not_for_us", "divert_passed", "divert_malformed", "divert_to_virtual", "divert_from_real", "divert_fragment",
        "divert_icmp_error", "divert_egress", "flow_forwarded", "flow_failed", "flow_up_ttl", "flow_up_size", "flow_up_segments",
        "flow_up_checksum", "flow_up_syn", "flow_up_flags", "flow_up_options", "flow_up_hop", "flow_up_withdrawn", "flow_up_expired",
        "flow_up_ring", "divert_no_director", "divert_local_request",
    ];

    private static readonly string[] s_pinnedMaps = ["interfaces", "macs", "addresses", "endpoints", "sockets", "counters", "tap", "mark_networks", "mark_ranges"];

    private readonly Lock _lock = new();
    private readonly BpfMap _interfaces;
    private readonly BpfMap _macs;
    private readonly BpfMap _addresses;
    private readonly BpfMap _endpoints;
    private readonly BpfMap _sockets;
    private readonly BpfMap _counters;
    private readonly BpfMap _flowCpus;
    private readonly BpfMap _tap;
    private readonly MarkMaps _marks;
    private readonly HashSet<(int Index, MacAddress Mac)> _attached = [];
    private readonly Dictionary<DivertEndpoint, uint> _endpointMeanings = [];
    private readonly Dictionary<IpAddress, uint> _addressMeanings = [];
    private DivertRules _rules = new(
        new HashSet<DivertEndpoint>(), new HashSet<DivertEndpoint>(), new HashSet<DivertEndpoint>(), new HashSet<IpAddress>());

    private HashSet<IpAddress> _own = [];

    private DivertProgram(BpfObject loaded)
    {
        Xdp = loaded.Program("netvs_xdp");
        Ingress = loaded.Program("netvs_ingress");
        Egress = loaded.Program("netvs_egress");
        Marked = loaded.Program("netvs_marked");
        Filter = loaded.Program("netvs_filter");
        _interfaces = loaded.Map("interfaces");
        _macs = loaded.Map("macs");
        _addresses = loaded.Map("addresses");
        _endpoints = loaded.Map("endpoints");
        _sockets = loaded.Map("sockets");
        _counters = loaded.Map("counters");
        _flowCpus = loaded.Map("flow_cpus");
        _tap = loaded.Map("tap");
        _marks = new MarkMaps(loaded.Map("mark_networks"), loaded.Map("mark_ranges"));
    }

    /// <summary>The program for XDP.</summary>
    public BpfProgram Xdp { get; }

    /// <summary>The program for tc ingress.</summary>
    public BpfProgram Ingress { get; }

    /// <summary>The program for tc egress.</summary>
    public BpfProgram Egress { get; }

    /// <summary>The program for tc egress of the tap device.</summary>
    public BpfProgram Marked { get; }

    /// <summary>The filter of AF_PACKET sockets.</summary>
    public BpfProgram Filter { get; }

    /// <summary>How many AF_XDP sockets there can be.</summary>
    public int SocketSlots => _sockets.MaxEntries;

    /// <summary>Whether a real server whose packets must come back to the director runs on this host.</summary>
    public bool HasLocalReal
    {
        get
        {
            lock (_lock) return _rules.Reals.Any(r => _own.Contains(r.Address));
        }
    }

    /// <summary>Whether there is a virtual service, which clients on this host may use too.</summary>
    public bool HasVirtual
    {
        get
        {
            lock (_lock) return _rules.Virtuals.Count > 0 || _rules.Marked.Count > 0;
        }
    }

    /// <summary>Loads the programs; nothing is attached.</summary>
    /// <param name="flows">The flow table they look packets up in; null for none.</param>
    /// <param name="pins">
    /// Where the maps are pinned, for the next director; those that the last one pinned are used as they are, so that its decisions hold until
    /// <see cref="ForgetInherited"/>.
    /// </param>
    public static DivertProgram Load(FlowMaps? flows = null, PinFolder? pins = null)
    {
        using BpfObject program = BpfObject.OpenEmbedded(File.Exists(KernelTypes) ? "divert" : "divert_static");
        flows?.GiveTo(program);
        HashSet<string> inherited = [];
        foreach (string name in s_pinnedMaps.Where(n => pins is not null && pins.Contains(n)))
        {
            using BpfMap map = pins!.OpenMap(name);
            if (map.MaxEntries != program.MaxEntriesOf(name))
            {
                // Of a daemon that counted other things, or had room for less. Its program goes on with that one until it is replaced.
                pins.Remove(name);
                continue;
            }

            program.ReuseMap(name, map);
            inherited.Add(name);
        }

        program.Load();
        if (pins is not null)
        {
            foreach (string name in s_pinnedMaps.Except(inherited))
            {
                using BpfMap map = program.Map(name);
                pins.Pin(map, name);
            }
        }

        return new DivertProgram(program);
    }

    /// <summary>Removes what another director left in the maps and this one has not confirmed by now: rules and interfaces of its own.</summary>
    public void ForgetInherited()
    {
        lock (_lock)
        {
            Forget(_addresses, _addressMeanings.Keys.Select(address_key.Of));
            Forget(_endpoints, _endpointMeanings.Keys.Select(e => endpoint_key.Of(e.Protocol, e.Address, e.Port)));
            Forget(_interfaces, _attached.Select(a => interface_key.Of(a.Index, a.Mac)));
            _marks.ForgetInherited();
        }
    }

    /// <summary>Replaces what must be diverted.</summary>
    public void Apply(DivertRules rules)
    {
        lock (_lock)
        {
            _marks.Apply(rules.Marked);
            _rules = rules;
            Publish();
        }
    }

    /// <summary>Replaces the host's own addresses.</summary>
    public void SetOwnAddresses(IEnumerable<IpAddress> addresses)
    {
        lock (_lock)
        {
            HashSet<IpAddress> own = [.. addresses];
            if (own.SetEquals(_own)) return;
            _own = own;
            Publish();
        }
    }

    /// <summary>Lets frames to this MAC on this interface be looked at.</summary>
    public void AddInterface(int index, MacAddress mac, int firstSocket)
    {
        lock (_lock)
        {
            interface_key key = interface_key.Of(index, mac);
            _attached.Add((index, mac));
            _interfaces.Update(key, new interface_value { first_socket = (uint)firstSocket });

            // The first MAC is looked for where it costs less.
            if (ReadFirstMac(index) is { known: 0 } || IsFirstMac(in key))
                _macs.Update((uint)index, new mac_value { mac = key.mac, known = 1, first_socket = (uint)firstSocket });
        }
    }

    /// <summary>Leaves frames to this MAC on this interface to the kernel again.</summary>
    public void RemoveInterface(int index, MacAddress mac)
    {
        lock (_lock)
        {
            interface_key key = interface_key.Of(index, mac);
            _attached.Remove((index, mac));
            _interfaces.Delete(key);
            if (IsFirstMac(in key)) _macs.Update((uint)index, default(mac_value));
        }
    }

    /// <summary>Puts an AF_XDP socket into its slot; the kernel takes it out when it is closed.</summary>
    public void SetSocket(int slot, int descriptor) => _sockets.Update((uint)slot, (uint)descriptor);

    /// <summary>Says where tc egress sends replies of local real servers and requests of local clients; 0 for nowhere.</summary>
    public void SetTap(int interfaceIndex) => _tap.Update(0u, (uint)interfaceIndex);

    /// <summary>Frames by decision, over all interfaces.</summary>
    public IReadOnlyDictionary<string, long> ReadCounters()
    {
        var counters = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (uint i = 0; i < s_counterNames.Length; i++) counters.Add(s_counterNames[i], unchecked((long)_counters.SumPerCpu(i)));

        // Where every nanosecond counts, they are counted apart, and before it is known whether the rewriting works.
        counters["flow_forwarded"] = SumForwarded() - counters["flow_failed"];
        return counters;
    }

    /// <summary>Closes programs and maps; what is attached keeps them alive.</summary>
    public void Dispose()
    {
        foreach (IDisposable part in (IDisposable[])[Xdp, Ingress, Egress, Marked, Filter, _interfaces, _macs, _addresses, _endpoints, _sockets, _counters, _flowCpus, _tap, _marks])
            part.Dispose();
    }

    private long SumForwarded()
    {
        byte[] values = new byte[_flowCpus.ValueSize];
        long sum = 0;
        if (!_flowCpus.TryLookup(stackalloc byte[sizeof(uint)], values)) return 0;
        foreach (flow_cpu cpu in MemoryMarshal.Cast<byte, flow_cpu>(values)) sum += unchecked((long)cpu.forwarded);
        return sum;
    }

    private mac_value? ReadFirstMac(int index) =>
        index < DivertAbi.MAC_SLOTS && _macs.TryLookup((uint)index, out mac_value value) ? value : null;

    private bool IsFirstMac(in interface_key key) =>
        ReadFirstMac((int)key.ifindex) is { known: not 0 } first && ((ReadOnlySpan<byte>)first.mac).SequenceEqual(key.mac);

    private static void Forget<TKey>(BpfMap map, IEnumerable<TKey> known)
        where TKey : unmanaged
    {
        HashSet<string> kept = [.. known.Select(k => Convert.ToHexString(MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in k))))];
        foreach (byte[] key in map.ToKeys())
            if (!kept.Contains(Convert.ToHexString(key))) map.Delete(key);
    }

    private void Publish()
    {
        Dictionary<DivertEndpoint, uint> endpoints = [];
        Dictionary<IpAddress, uint> addresses = [];
        foreach (DivertEndpoint endpoint in _rules.Virtuals)
            Add(endpoints, addresses, endpoint, DivertAbi.ENDPOINT_VIRTUAL, DivertAbi.ADDRESS_VIRTUAL);
        foreach (DivertEndpoint endpoint in _rules.Reals)
            Add(endpoints, addresses, endpoint, DivertAbi.ENDPOINT_REAL, DivertAbi.ADDRESS_REAL);
        foreach (DivertEndpoint endpoint in _rules.TunnelReals)
            Add(endpoints, addresses, endpoint, DivertAbi.ENDPOINT_TUNNEL, DivertAbi.ADDRESS_TUNNEL);
        foreach (IpAddress address in _rules.LocalAddresses) Add(addresses, address, DivertAbi.ADDRESS_LOCAL);
        foreach (IpAddress address in _own) Add(addresses, address, DivertAbi.ADDRESS_OWN);

        foreach ((DivertEndpoint endpoint, uint meaning) in endpoints)
        {
            if (_endpointMeanings.TryGetValue(endpoint, out uint known) && known == meaning) continue;
            _endpoints.Update(endpoint_key.Of(endpoint.Protocol, endpoint.Address, endpoint.Port), meaning);
            _endpointMeanings[endpoint] = meaning;
        }

        foreach ((IpAddress address, uint meaning) in addresses)
        {
            if (_addressMeanings.TryGetValue(address, out uint known) && known == meaning) continue;
            _addresses.Update(address_key.Of(address), meaning);
            _addressMeanings[address] = meaning;
        }

        foreach (IpAddress address in _addressMeanings.Keys.Where(a => !addresses.ContainsKey(a)).ToArray())
        {
            _addresses.Delete(address_key.Of(address));
            _addressMeanings.Remove(address);
        }

        foreach (DivertEndpoint endpoint in _endpointMeanings.Keys.Where(e => !endpoints.ContainsKey(e)).ToArray())
        {
            _endpoints.Delete(endpoint_key.Of(endpoint.Protocol, endpoint.Address, endpoint.Port));
            _endpointMeanings.Remove(endpoint);
        }
    }

    private static void Add(
        Dictionary<DivertEndpoint, uint> endpoints, Dictionary<IpAddress, uint> addresses, DivertEndpoint endpoint, uint meaning, uint address)
    {
        endpoints[endpoint] = endpoints.GetValueOrDefault(endpoint) | meaning;
        Add(addresses, endpoint.Address, address);
    }

    private static void Add(Dictionary<IpAddress, uint> addresses, IpAddress address, uint meaning) =>
        addresses[address] = addresses.GetValueOrDefault(address) | meaning;
}
