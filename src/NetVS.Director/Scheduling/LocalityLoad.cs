using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>When lblc and lblcr leave the server they remember.</summary>
internal static class LocalityLoad
{
    /// <summary>
    /// Whether a destination is locally overloaded (reference §3.12): it has more active connections than its weight, and some
    /// destination of the service has fewer than half its own. It has nothing to do with the thresholds' overload mark.
    /// </summary>
    public static bool IsOverloaded(Destination destination, VirtualServiceState service)
    {
        if (destination.ActiveConnections <= destination.Weight) return false;
        foreach (Destination other in service.Destinations)
        {
            if (2L * other.ActiveConnections < other.Weight) return true;
        }

        return false;
    }
}
