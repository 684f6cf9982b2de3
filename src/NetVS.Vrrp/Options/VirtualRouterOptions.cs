using NetVS.Packets;

namespace NetVS.Vrrp.Options;

/// <summary>What was asked of one virtual router on this host, complete and consistent.</summary>
public sealed record VirtualRouterOptions
{
    /// <summary>224.0.0.18 (RFC 9568 §5.1.1.2).</summary>
    public static IpAddress DefaultGroup4 { get; } = Ipv4Address.Of(224, 0, 0, 18);

    /// <summary>ff02::12 (RFC 9568 §5.1.2.2).</summary>
    public static IpAddress DefaultGroup6 { get; } = new Ipv6Address(0xFF02_0000_0000_0000, 0x12);

    /// <summary>The instance's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The virtual router id, 1 to 255.</summary>
    public byte RouterId { get; init; }

    /// <summary>2 or 3.</summary>
    public int Version { get; init; } = 3;

    /// <summary>The family of the adverts.</summary>
    public IpFamily Family { get; init; } = IpFamily.V4;

    /// <summary>1 to 255; 255 owns the addresses.</summary>
    public byte Priority { get; init; } = 100;

    /// <summary>Whether <c>state MASTER</c> was asked for: an owner that wants it is master at once.</summary>
    public bool StartsAsMaster { get; init; }

    /// <summary>Between adverts: whole seconds in version 2, hundredths of a second up to 40.95 s in version 3.</summary>
    public TimeSpan AdvertInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The advertised addresses, in the configuration's order; at most 255, all of <see cref="Family"/>.</summary>
    public IReadOnlyList<IpAddress> Addresses { get; init; } = [];

    /// <summary>Whether a master of lower priority is replaced.</summary>
    public bool IsPreempting { get; init; } = true;

    /// <summary>How long a master of lower priority is left alone.</summary>
    public TimeSpan PreemptDelay { get; init; }

    /// <summary>How many adverts may be missed.</summary>
    public int DownTimerAdverts { get; init; } = 3;

    /// <summary>Timers of a backup start so much later.</summary>
    public TimeSpan StartupDelay { get; init; }

    /// <summary>A master does not answer an advert of lower priority.</summary>
    public bool LowerPriorityNoAdvert { get; init; }

    /// <summary>A master sends one more advert before it yields.</summary>
    public bool HigherPrioritySendAdvert { get; init; }

    /// <summary>Gratuitous ARP and the like.</summary>
    public GarpTimes Garp { get; init; } = new();

    /// <summary>Version 2 only.</summary>
    public AuthenticationKind Authentication { get; init; }

    /// <summary>The password, 8 octets, padded with zeros.</summary>
    public ReadOnlyMemory<byte> Password { get; init; } = new byte[8];

    /// <summary>Peers; with any, adverts are unicast.</summary>
    public IReadOnlyList<PeerOptions> Peers { get; init; } = [];

    /// <summary>Whether adverts must come from a peer, with a time to live within its bounds.</summary>
    public bool ChecksPeers { get; init; }

    /// <summary>Addresses in the adverts of the master that was accepted last are not compared again.</summary>
    public bool SkipsAddressCheck { get; init; }

    /// <summary>Where multicast adverts go.</summary>
    public IpAddress Group { get; init; } = DefaultGroup4;

    /// <summary>Time to live of unicast adverts; null for 255 in IPv4 and 64, the kernel's default, in IPv6.</summary>
    public byte? UnicastTtl { get; init; }

    /// <summary>The checksum over unicast IPv4 in version 3.</summary>
    public OldChecksumUse OldChecksum { get; init; }

    /// <summary>Whether it owns its addresses.</summary>
    public bool IsOwner => Priority == 255;

    /// <summary>Whether adverts are unicast.</summary>
    public bool IsUnicast => Peers.Count > 0;

    /// <summary>Time to live, or hop limit, of sent adverts.</summary>
    public byte Ttl => !IsUnicast ? (byte)255 : UnicastTtl ?? (Family == IpFamily.V6 ? (byte)64 : (byte)255);
}
