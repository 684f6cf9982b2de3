namespace NetVS.Failover.Running;

/// <summary>An instance as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">BACKUP, MASTER, FAULT or INIT.</param>
/// <param name="Lines">What there is to say: first a summary, then what is wrong, then counters.</param>
public sealed record InstanceStatus(string Name, string State, IReadOnlyList<string> Lines);
