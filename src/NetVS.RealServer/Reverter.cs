using NetVS.Linux.Bpf;
using NetVS.Linux.Host;
using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>Puts a recorded change back, unless somebody has changed the thing since.</summary>
internal sealed class Reverter(HostNetwork network, Action<string> print, bool isDryRun)
{
    /// <summary>Puts one back; nothing happens where it is back already.</summary>
    public void Revert(Change change)
    {
        IReadOnlyList<HostLink> links = network.Links();
        if (change.Interface.Length > 0 && !links.Any(l => l.Index == change.InterfaceIndex && l.Name == change.Interface))
        {
            print($"= {change.Key}: {change.Interface} is gone, and this with it");
            return;
        }

        switch (change.Kind)
        {
            case StepKind.Sysctl: RevertSysctl(change); break;
            case StepKind.Address: RevertAddress(change); break;
            case StepKind.Program: RevertProgram(change); break;
            case StepKind.Qdisc: RevertQdisc(change); break;
            default: throw new RealServerException($"the record holds a change of an unknown kind: {change.Kind}");
        }
    }

    private void RevertSysctl(Change change)
    {
        string name = Sysctl.NameOf(change.Subject);
        string? now = Sysctl.TryRead(change.Subject);
        if (now == change.Old) return;
        if (now != change.New)
        {
            print($"! sysctl {name}: is {now}, not the {change.New} that was set: left alone");
            return;
        }

        print($"- sysctl {name}: {now} -> {change.Old}");
        if (!isDryRun) Sysctl.Write(change.Subject, change.Old ?? "0");
    }

    private void RevertAddress(Change change)
    {
        string[] parts = change.Subject.Split('/');
        IpAddress address = IpAddress.Parse(parts[0]);
        byte prefixLength = byte.Parse(parts[1]);
        if (!network.Addresses().Any(a => a.InterfaceIndex == change.InterfaceIndex && a.Address == address && a.PrefixLength == prefixLength)) return;
        print($"- address {change.Subject} dev {change.Interface}");
        if (!isDryRun) network.DeleteAddress(change.InterfaceIndex, address, prefixLength, change.Interface);
    }

    private void RevertProgram(Change change)
    {
        var hook = new TcHook(change.InterfaceIndex, change.Interface, TcDirection.Ingress);
        using BpfProgram? attached = IngressProgram.TryFind(hook);
        if (attached is null) return;
        print($"- tc {change.Interface} ingress: {change.Subject}");
        if (!isDryRun) hook.Detach(IngressProgram.Priority, IngressProgram.Handle);
    }

    private void RevertQdisc(Change change)
    {
        if (!network.HasClsact(change.InterfaceIndex)) return;
        int filters = network.ClsactFilters(change.InterfaceIndex);
        if (filters > 0 && !isDryRun)
        {
            print($"! tc {change.Interface} clsact: carries {filters} filters of others: left alone");
            return;
        }

        print($"- tc {change.Interface} clsact");
        if (!isDryRun) new TcHook(change.InterfaceIndex, change.Interface, TcDirection.Ingress).DestroyQdisc();
    }
}
