namespace NetVS.Director.Services;

/// <summary>Is told which packets the director must see; the Linux side turns it into the maps of its eBPF program.</summary>
/// <remarks>
/// Called on the control thread while it holds the rules. An addition is announced before the workers can use it and a removal
/// after they no longer do, so that no reply of a connection ever goes to the kernel's stack.
/// </remarks>
public interface IDivertSink
{
    /// <summary>Replaces the whole set.</summary>
    void Apply(DivertRules rules);
}
