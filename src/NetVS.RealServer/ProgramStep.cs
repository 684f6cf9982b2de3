using NetVS.Linux.Bpf;
using NetVS.Linux.Host;

namespace NetVS.RealServer;

/// <summary>The decapsulation program at an interface's tc ingress, with its maps filled.</summary>
internal sealed class ProgramStep(IngressProgram program, HostLink link) : Step
{
    private readonly TcHook _hook = new(link.Index, link.Name, TcDirection.Ingress);

    /// <inheritdoc/>
    public override string Key => $"program {IngressProgram.Name} {link.Name}";

    /// <inheritdoc/>
    public override string Present => $"tc {link.Name} ingress: {IngressProgram.Name} already there for {program.Description}";

    /// <inheritdoc/>
    public override string? Missing()
    {
        using BpfProgram? attached = Attached();
        if (attached is null) return $"tc {link.Name} ingress: {IngressProgram.Name} for {program.Description}";
        string? difference = program.DifferenceOf(attached);
        return difference is null ? null : $"tc {link.Name} ingress: {IngressProgram.Name}: {difference}";
    }

    /// <inheritdoc/>
    public override Change? Intention() => new(Key, StepKind.Program, link.Name, link.Index, IngressProgram.Name);

    /// <inheritdoc/>
    public override void Make()
    {
        using BpfProgram? attached = Attached();
        if (attached is not null && program.TryUpdate(attached)) return;
        _hook.Attach(program.LoadFilled(), IngressProgram.Priority, IngressProgram.Handle, replace: attached is not null);
    }

    private BpfProgram? Attached() => IngressProgram.TryFind(_hook);
}
