namespace NetVS.Linux.Bpf;

/// <summary>One eBPF filter on a <see cref="TcHook"/>.</summary>
/// <param name="Priority">tc's preference.</param>
/// <param name="Handle">tc's handle.</param>
/// <param name="ProgramId">The kernel's id of the program.</param>
public sealed record TcFilter(ushort Priority, uint Handle, uint ProgramId);
