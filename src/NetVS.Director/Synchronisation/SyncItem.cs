using NetVS.Sync;

namespace NetVS.Director.Synchronisation;

/// <summary>What a worker hands to a master's thread.</summary>
/// <param name="Record">The connection.</param>
/// <param name="Controller">The handle of its template; 0 for none.</param>
internal readonly record struct SyncItem(SyncRecord Record, int Controller);
