namespace NetVS.Health.Checks;

/// <summary>What follows from an attempt.</summary>
/// <param name="Delay">Until the next one.</param>
/// <param name="Change">True: the check came up; false: it went down; null: nothing changed.</param>
/// <param name="IsFirstFailure">A check that began down has failed for the first time: its server's down-notification is due.</param>
/// <param name="WillRetry">The failure does not count yet.</param>
internal readonly record struct CheckReaction(TimeSpan Delay, bool? Change = null, bool IsFirstFailure = false, bool WillRetry = false);
