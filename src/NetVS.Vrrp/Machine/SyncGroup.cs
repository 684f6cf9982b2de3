// Reference: keepalived's vrrp_sync_group.
using NetVS.Packets;

namespace NetVS.Vrrp.Machine;

/// <summary>Virtual routers that are master together, or not at all.</summary>
/// <remarks>
/// A member whose timer expires only notes that it wants to be master; when the last one wants it, or is it, all become master. A member that leaves MASTER
/// takes the others along; one that is in FAULT keeps all there. Joining changes nothing: a new member begins as backup, the others stay what
/// they are, and it follows when its own timer expires; so adding a member never causes an election. Thread: the virtual routers'.
/// </remarks>
public sealed class SyncGroup(string name, IVirtualRouterEffects effects)
{
    private readonly List<VirtualRouter> _members = [];

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Its members.</summary>
    public IReadOnlyList<VirtualRouter> Members => _members;

    /// <summary>What was announced of the group last; null before anything was. A group that replaces one takes it over.</summary>
    public Notification? Announced { get; set; }

    /// <summary>Whether all members own their addresses.</summary>
    internal bool IsOwner => _members.TrueForAll(m => m.Options.IsOwner);

    /// <summary>Adds a member.</summary>
    public void Add(VirtualRouter router)
    {
        ArgumentNullException.ThrowIfNull(router);
        _members.Add(router);
        router.Group = this;
    }

    /// <summary>Looks at what all members track.</summary>
    internal void Evaluate(MonotonicTime now)
    {
        bool isFault = _members.Exists(m => m.IsStarted && m.HasFault);
        if (isFault)
        {
            // Those that failed come first: they are the reason.
            foreach (VirtualRouter member in _members) if (member.HasFault) member.EnterFault(now, isReason: true);
            foreach (VirtualRouter member in _members) member.EnterFault(now, isReason: false);
            Announce(Notification.Fault);
        }
        else if (!_members.Exists(m => m.IsPending))
        {
            bool hasLeft = false;
            foreach (VirtualRouter member in _members) hasLeft |= member.LeaveFault(now);
            if (hasLeft && _members.TrueForAll(m => m.State == VirtualRouterState.Master)) Announce(Notification.Master);
            else if (hasLeft && _members.TrueForAll(m => m.State == VirtualRouterState.Backup)) Announce(Notification.Backup);
        }
    }

    /// <summary>Whether every other member is master, or wants to be.</summary>
    internal bool CanBecomeMaster(VirtualRouter member) =>
        _members.TrueForAll(m => m == member || m.State == VirtualRouterState.Master || (m.State == VirtualRouterState.Backup && m.WantsMaster));

    /// <summary>Makes all master, beginning with the one that completed them.</summary>
    internal void EnterMaster(VirtualRouter first, MonotonicTime now)
    {
        first.EnterMaster(now);
        foreach (VirtualRouter member in _members) if (member.State == VirtualRouterState.Backup) member.EnterMaster(now);
        Announce(Notification.Master);
    }

    /// <summary>Makes all others backup that are not.</summary>
    /// <param name="first">The one that is backup already.</param>
    /// <param name="now">The time.</param>
    /// <param name="resigns">Whether they say so, and wait for the skew only.</param>
    internal void FollowToBackup(VirtualRouter first, MonotonicTime now, bool resigns)
    {
        foreach (VirtualRouter member in _members)
        {
            member.ForgetWish();
            if (member != first && member.State == VirtualRouterState.Master) member.EnterBackup(now, resigns);
        }

        Announce(Notification.Backup);
    }

    private void Announce(Notification notification)
    {
        if (Announced == notification) return;
        Announced = notification;
        effects.Notify(this, notification);
    }
}
