// Reference §9.7; RFC 9568 §7.3.
using NetVS.Director.Network;
using NetVS.Failover.Plan;
using NetVS.Linux;
using NetVS.Linux.Vrrp;

namespace NetVS.Failover.Running;

/// <summary>Makes and removes the private macvlan interfaces that carry virtual MACs. Thread: the loop's.</summary>
internal sealed class VirtualMacs(VrrpNetwork network, HostAddresses host, Action<string> log)
{
    private const int Attempts = 16;

    /// <summary>Makes sure that an instance's interface is there and up; afterwards its index is set, or 0.</summary>
    /// <returns>Whether a link was made: what was read of the host is old.</returns>
    public bool Ensure(RunningInstance instance)
    {
        InstancePlan plan = instance.Plan;
        if (plan.VirtualMacName is not { } wanted || instance.BaseIndex == 0) return false;
        if (instance.VirtualIndex != 0 && host.Find(instance.VirtualName) is { } there && there.Index == instance.VirtualIndex) return false;
        instance.VirtualIndex = 0;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            string name = attempt == 0 || plan.IsVirtualMacNameGiven ? wanted : wanted.Replace("vrrp", $"vrrp{attempt}", StringComparison.Ordinal);
            if (host.Find(name) is { } found && found.Mac == plan.VirtualMac)
            {
                // A daemon before this one has left it.
                instance.VirtualName = name;
                instance.VirtualIndex = found.Index;
                instance.IsVirtualMade = true;
                Prepare(instance);
                return false;
            }

            if (host.Find(name) is not null && !plan.IsVirtualMacNameGiven) continue;
            int errno = network.AddMacvlan(instance.BaseIndex, name, plan.VirtualMac);
            if (errno != 0)
            {
                log($"vrrp: ({plan.Name}) the interface {name} for the virtual MAC cannot be made: {Errno.NameOf(errno)}");
                return false;
            }

            host.Read();
            if (host.Find(name) is not { } made) return true;
            instance.VirtualName = name;
            instance.VirtualIndex = made.Index;
            instance.IsVirtualMade = true;
            Prepare(instance);
            return true;
        }

        log($"vrrp: ({plan.Name}) every name for the interface of the virtual MAC is taken: give one with use_vmac NAME");
        return false;
    }

    /// <summary>Removes an instance's interface, if it was made.</summary>
    public void Remove(RunningInstance instance)
    {
        if (instance.VirtualIndex != 0 && instance.IsVirtualMade) network.DeleteLink(instance.VirtualIndex);
        instance.VirtualIndex = 0;
    }

    // Only the interface that has an address answers for it, and replies may come in on another one.
    private void Prepare(RunningInstance instance)
    {
        string name = instance.VirtualName;
        string below = instance.Plan.Interface;
        Sysctl.TryWrite($"net/ipv6/conf/{name}/addr_gen_mode", "1");
        Sysctl.TryWrite($"net/ipv4/conf/{name}/arp_ignore", "1");
        Sysctl.TryWrite($"net/ipv4/conf/{name}/accept_local", "1");
        Sysctl.TryWrite($"net/ipv4/conf/{name}/rp_filter", "0");
        Sysctl.TryWrite($"net/ipv4/conf/{name}/promote_secondaries", "1");
        Sysctl.TryWrite($"net/ipv4/conf/{below}/arp_ignore", "1");
        Sysctl.TryWrite($"net/ipv4/conf/{below}/arp_filter", "1");
        if (Sysctl.Read("net/ipv4/conf/all/rp_filter") is not ("0" or null))
            log($"vrrp: ({instance.Plan.Name}) net.ipv4.conf.all.rp_filter is set: replies to addresses on {name} may be dropped; set it to 0, and on single interfaces instead");
        int errno = network.SetUp(instance.VirtualIndex);
        if (errno != 0) log($"vrrp: ({instance.Plan.Name}) {name} cannot be set up: {Errno.NameOf(errno)}");
    }
}
