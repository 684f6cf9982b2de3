using NetVS.Packets;
using NetVS.Rules.Listing;

namespace NetVS.Rules.Ipvsadm;

/// <summary>A command line of ipvsadm that was understood. Which members mean something depends on the verb.</summary>
public sealed record IpvsadmCommand
{
    /// <summary>What to do.</summary>
    public required IpvsadmVerb Verb { get; init; }

    /// <summary>The service the command is about, where one was given.</summary>
    public ServiceKey? Service { get; init; }

    /// <summary>The service as asked for; AddService and EditService.</summary>
    public VirtualServiceRule? ServiceRule { get; init; }

    /// <summary>The destination as asked for; AddServer and EditServer; of DeleteServer only its endpoint.</summary>
    public DestinationRule? Destination { get; init; }

    /// <summary>The local address of AddLocalAddress and DeleteLocalAddress.</summary>
    public IpAddress LocalAddress { get; init; }

    /// <summary>What List, Save and ListLocalAddresses are to show, and how.</summary>
    public ListingOptions Listing { get; init; } = new();

    /// <summary>The timeouts of SetTimeouts: tcp, tcpfin, udp, in seconds; 0 leaves one as it is.</summary>
    public (int Tcp, int TcpFin, int Udp) Timeouts { get; init; }

    /// <summary>The synchronisation daemon of StartDaemon and StopDaemon.</summary>
    public SyncDaemonRule? SyncDaemon { get; init; }
}
