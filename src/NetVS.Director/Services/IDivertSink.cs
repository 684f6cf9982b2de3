namespace NetVS.Director.Services;

/// <summary>Is told which packets the director must see; the Linux side turns it into the maps of its eBPF program.</summary>
/// <remarks>
/// Called on the control thread while it holds the rules. An addition is announced before the workers can use it and a removal
/// after they no longer do, so that no reply of a connection ever goes to the kernel's stack.
/// </remarks>
public interface IDivertSink
{
    /// <summary>Replaces the whole set. The sets in <paramref name="rules"/> never change afterwards.</summary>
    /// <exception cref="DivertException">The set can't be taken, and the former one is still in force: the command that needed it is refused.</exception>
    void Apply(DivertRules rules);
}
