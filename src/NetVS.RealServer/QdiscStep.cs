using NetVS.Linux.Bpf;
using NetVS.Linux.Host;

namespace NetVS.RealServer;

/// <summary>The clsact qdisc that carries an interface's filters.</summary>
internal sealed class QdiscStep(HostNetwork network, HostLink link) : Step
{
    /// <inheritdoc/>
    public override string Key => $"qdisc {link.Name}";

    /// <inheritdoc/>
    public override string Present => $"tc {link.Name} clsact: already there";

    /// <inheritdoc/>
    public override string? Missing() => network.HasClsact(link.Index) ? null : $"tc {link.Name} clsact";

    /// <inheritdoc/>
    public override Change? Intention() => new(Key, StepKind.Qdisc, link.Name, link.Index, "clsact");

    /// <inheritdoc/>
    public override void Make() => new TcHook(link.Index, link.Name, TcDirection.Ingress).CreateQdisc();
}
