namespace NetVS.Failover.Running;

/// <summary>disable_local_igmp: whether this host announces that it is in groups of its own networks, as the kernel has it for all of them at once.</summary>
/// <remarks>The setting is put back to what it was. Thread: the loop's.</remarks>
internal sealed class LocalMembership
{
    private const string Setting = "net/ipv4/igmp_link_local_mcast_reports";
    private string? _before;

    /// <summary>Turns the announcements off, or lets them be as they were.</summary>
    public void Set(bool isDisabled)
    {
        if (isDisabled == _before is not null) return;
        if (isDisabled)
        {
            string? now = Sysctl.Read(Setting);
            if (now is not null && Sysctl.TryWrite(Setting, "0")) _before = now;
            return;
        }

        Sysctl.TryWrite(Setting, _before!);
        _before = null;
    }
}
