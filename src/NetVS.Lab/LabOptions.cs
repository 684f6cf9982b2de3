namespace NetVS.Lab;

/// <summary>What one run of a lab is asked to do.</summary>
public sealed record LabOptions
{
    /// <summary>The method whose network it is: dr, nat, tun or fullnat.</summary>
    public required string Topology { get; init; }

    /// <summary>What happens there, where it is not the method itself that is shown: health, failover, fwmark, pmtu, selftest or soak; else null.</summary>
    public string? Story { get; init; }

    /// <summary>Whether two directors tell each other by the peer channel, not by multicast.</summary>
    public bool UsesPeers { get; init; }

    /// <summary>How many times the master is killed to measure how long it takes; 0 for the story with downloads.</summary>
    public int Repeat { get; init; }

    /// <summary>Everything speaks IPv6.</summary>
    public bool IsV6 { get; init; }

    /// <summary>TUN's encapsulation as ipvsadm names it: ipip, gre or gue.</summary>
    public string TunnelType { get; init; } = "ipip";

    /// <summary>Whether TUN's encapsulation has a checksum of its own.</summary>
    public bool HasTunnelChecksum { get; init; }

    /// <summary>What <c>netvs run --link</c> is told.</summary>
    public string Link { get; init; } = "auto";

    /// <summary>Leave the hosts' checksum and segmentation offloads on, as between virtual machines; off is as on a real wire.</summary>
    public bool KeepOffloads { get; init; }

    /// <summary>Leave the lab standing.</summary>
    public bool Keep { get; init; }

    /// <summary>Open a shell in the director before the lab is removed.</summary>
    public bool Shell { get; init; }

    /// <summary>Octets to download and upload through the VIP, compared by hash; 0 for none.</summary>
    public long Transfer { get; init; }

    /// <summary>Clients that ask side by side; 0 for none.</summary>
    public int Clients { get; init; }

    /// <summary>For how long they ask; of the soak, for how long there is traffic.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Add, remove and add a real server again while they ask.</summary>
    public bool Churn { get; init; }

    /// <summary>Requests a second of the soak.</summary>
    public int Rate { get; init; } = 50;

    /// <summary>What the soak draws its requests and changes by.</summary>
    public int Seed { get; init; }

    /// <summary>How long the soak waits at most for connections to expire, at its end.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(200);

    /// <summary>Whether the soak's director has its fast path.</summary>
    public bool HasOffload { get; init; } = true;
}
