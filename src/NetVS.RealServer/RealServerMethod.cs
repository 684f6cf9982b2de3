namespace NetVS.RealServer;

/// <summary>How packets reach the real server, which decides what has to be prepared there.</summary>
public enum RealServerMethod
{
    /// <summary>Direct routing: the frame comes unchanged, its IP destination is the VIP.</summary>
    DirectRouting,

    /// <summary>Tunnelling: the packet for the VIP comes inside another one.</summary>
    Tunnel,
}
