namespace NetVS.Control.Status;

/// <summary>Knows how the VRRP instances are.</summary>
public interface IVrrpSource
{
    /// <summary>How they are now; empty where none runs, or no answer comes. Thread: any.</summary>
    VrrpStatus ReadVrrp();
}
