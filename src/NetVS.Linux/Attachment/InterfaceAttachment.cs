using NetVS.Director.Network;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.Attachment;

/// <summary>One interface the director listens on: its lock, its programs, its links.</summary>
/// <remarks>Thread: the link manager's, under its lock.</remarks>
internal sealed class InterfaceAttachment : IDisposable
{
    private readonly DivertProgram _program;
    private readonly InterfaceLock _lock;
    private readonly HashSet<MacAddress> _macs = [];
    private readonly List<(ILinkHost Host, ILink Link)> _links = [];

    public InterfaceAttachment(DivertProgram program, NetworkInterface @interface, InterfaceLock @lock)
    {
        _program = program;
        _lock = @lock;
        Interface = @interface;
    }

    /// <summary>The interface as it was last seen.</summary>
    public NetworkInterface Interface { get; set; }

    /// <summary>The slot of queue 0 in the socket map.</summary>
    public int FirstSocket { get; set; }

    /// <summary>How many slots of the socket map it has.</summary>
    public int Slots { get; set; }

    /// <summary>The XDP program's attachment.</summary>
    public BpfLink? Xdp { get; set; }

    /// <summary>Whether the driver runs the XDP program.</summary>
    public bool IsNativeXdp { get; set; }

    /// <summary>Whether there is no hardware behind it.</summary>
    public bool IsVirtual { get; set; }

    /// <summary>The name its XDP link is pinned by; empty where it is not.</summary>
    public string XdpPin { get; set; } = "";

    /// <summary>tc ingress.</summary>
    public TcAttachment? Ingress { get; set; }

    /// <summary>tc egress, while a real server runs on this host.</summary>
    public TcAttachment? Egress { get; set; }

    /// <summary>For status: "af_xdp", "af_packet".</summary>
    public string Kind { get; set; } = "";

    /// <summary>For status: "xdp native" and so on.</summary>
    public string Hook { get; set; } = "";

    /// <summary>For status: "copy", "zero-copy".</summary>
    public string Copy { get; set; } = "";

    /// <summary>For status: why this and nothing better.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Receive queues served.</summary>
    public int Queues { get; set; }

    /// <summary>The largest IP packet its receive ring was made for; 0 where that does not matter.</summary>
    public int RingIpMtu { get; set; }

    /// <summary>Its links, with the worker of each.</summary>
    public IReadOnlyList<(ILinkHost Host, ILink Link)> Links => _links;

    /// <summary>Hands a link to a worker.</summary>
    public void Add(ILinkHost host, ILink link)
    {
        _links.Add((host, link));
        host.Attach(link);
    }

    /// <summary>Lets frames to these MACs be looked at, and no others.</summary>
    public void SetMacs(IReadOnlySet<MacAddress> macs)
    {
        foreach (MacAddress mac in macs)
            if (_macs.Add(mac)) _program.AddInterface(Interface.Index, mac, FirstSocket);
        foreach (MacAddress mac in _macs.Where(m => !macs.Contains(m)).ToArray())
        {
            _macs.Remove(mac);
            _program.RemoveInterface(Interface.Index, mac);
        }
    }

    /// <summary>Attaches or detaches the program at tc egress.</summary>
    public void SetEgress(bool isWanted, bool allowTcx)
    {
        if (isWanted == Egress is not null) return;
        if (isWanted)
        {
            Egress = TcAttachment.Attach(_program.Egress, Interface.Index, Interface.Name, TcDirection.Egress, allowTcx);
            return;
        }

        Egress!.Dispose();
        Egress = null;
    }

    /// <summary>Closes the links and leaves the programs at work, where they outlive us.</summary>
    public void Leave()
    {
        Xdp?.Dispose();
        Ingress?.Leave();
        Egress?.Dispose();
        CloseLinks();
        _lock.Dispose();
    }

    /// <summary>Detaches everything: first the diversion, so that the kernel has its frames again, then the links.</summary>
    public void Dispose()
    {
        SetMacs(new HashSet<MacAddress>());
        Xdp?.Dispose();
        Ingress?.Dispose();
        Egress?.Dispose();
        CloseLinks();
        _lock.Dispose();
    }

    /// <summary>Takes the links from their workers and closes them.</summary>
    public void CloseLinks()
    {
        foreach ((ILinkHost host, ILink link) in _links) host.Detach(link);
        _links.Clear();
    }
}
