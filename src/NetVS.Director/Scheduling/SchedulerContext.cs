namespace NetVS.Director.Scheduling;

/// <summary>What a scheduler may need besides its service.</summary>
/// <param name="Random">Random numbers; may be drawn from any thread.</param>
/// <param name="Settings">The settings.</param>
internal sealed record SchedulerContext(IRandomSource Random, DirectorSettings Settings);
