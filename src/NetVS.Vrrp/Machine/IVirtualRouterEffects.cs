using NetVS.Packets;

namespace NetVS.Vrrp.Machine;

/// <summary>What a virtual router does to the world. Called on its thread; must not call back into it.</summary>
public interface IVirtualRouterEffects
{
    /// <summary>Sends an advert, to the group or to every peer.</summary>
    /// <param name="router">The virtual router.</param>
    /// <param name="priority">The priority; 0 to resign.</param>
    void SendAdvert(VirtualRouter router, byte priority);

    /// <summary>Puts addresses, routes and rules in place.</summary>
    void TakeAddresses(VirtualRouter router);

    /// <summary>Takes them away.</summary>
    void ReleaseAddresses(VirtualRouter router);

    /// <summary>Sends gratuitous ARP or neighbour advertisements for all addresses, this many rounds.</summary>
    void Announce(VirtualRouter router, int rounds);

    /// <summary>Forgets what is still to be sent of them.</summary>
    void StopAnnouncing(VirtualRouter router);

    /// <summary>Sends one of them for the own address: the instance is back from FAULT and its peers are unicast.</summary>
    void AnnounceSource(VirtualRouter router);

    /// <summary>Tells scripts and pipes.</summary>
    void Notify(VirtualRouter router, Notification notification);

    /// <summary>Tells scripts and pipes of a group.</summary>
    void Notify(SyncGroup group, Notification notification);

    /// <summary>Tells pipes that the effective priority changed.</summary>
    void NotifyPriority(VirtualRouter router);

    /// <summary>For the log. May come with every packet: limit what is written.</summary>
    /// <param name="router">The virtual router.</param>
    /// <param name="what">What happened.</param>
    /// <param name="other">The other router, or none.</param>
    /// <param name="number">See <see cref="VirtualRouterEvent"/>.</param>
    void Report(VirtualRouter router, VirtualRouterEvent what, IpAddress other, int number);
}
