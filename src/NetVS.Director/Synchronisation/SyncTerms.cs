namespace NetVS.Director.Synchronisation;

/// <summary>The settings that say when a connection is announced (reference §13).</summary>
/// <param name="Threshold">sync_threshold's first number.</param>
/// <param name="Period">Its second number; 0 for none.</param>
/// <param name="RefreshPeriod">sync_refresh_period, in seconds; 0 for none.</param>
/// <param name="Retries">sync_retries.</param>
internal readonly record struct SyncTerms(int Threshold, int Period, int RefreshPeriod, int Retries)
{
    /// <summary>The settings as they are now.</summary>
    public static SyncTerms Of(DirectorSettings settings) =>
        new(settings.SyncThreshold, settings.SyncPeriod, settings.SyncRefreshPeriod, settings.SyncRetries);
}
