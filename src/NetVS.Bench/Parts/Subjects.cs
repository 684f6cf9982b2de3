using NetVS.Bench.Paths;

namespace NetVS.Bench.Parts;

/// <summary>What is measured side by side.</summary>
internal static class Subjects
{
    /// <summary>What forwards datagrams: NetVS by all methods in the kernel, and by NAT in user space.</summary>
    public static IReadOnlyList<IForwardingPath> ForDatagrams(BenchOptions options)
    {
        var program = new NetVsProgram(options.Program);
        NetVsMethod[] all = [NetVsMethod.Nat, NetVsMethod.DirectRouting, NetVsMethod.Tunnel, NetVsMethod.FullNat];
        return
        [
            new RedirectPath(), new KernelPath(), new NftablesPath(),
            .. NetVsVariant.Choose(options.Variants, program)
                .SelectMany(v => (v.IsFast ? all : [NetVsMethod.Nat]).Select(m => new NetVsPath(program, v, m))),
        ];
    }

    /// <summary>What forwards connections: the kernel, proxies, and NetVS by NAT.</summary>
    public static IReadOnlyList<IForwardingPath> ForConnections(BenchOptions options) =>
        [new KernelPath(), new NftablesPath(), new HaproxyPath(), new NginxStreamPath(), .. NetVsByNat(options)];

    /// <summary>NetVS by NAT, in every way it is to be run.</summary>
    public static IEnumerable<NetVsPath> NetVsByNat(BenchOptions options)
    {
        var program = new NetVsProgram(options.Program);
        return NetVsVariant.Choose(options.Variants, program).Select(v => new NetVsPath(program, v));
    }
}
