namespace NetVS.Control.Status;

/// <summary>Knows how the real servers are.</summary>
public interface IHealthSource
{
    /// <summary>How they are now. Thread: any.</summary>
    HealthStatus ReadHealth();
}
