using NetVS.Packets;

namespace NetVS.Lab.Soak;

/// <summary>A real server in one service, as the rules are to have it now.</summary>
/// <param name="host">The name that it answers with.</param>
/// <param name="real">Its address and port.</param>
internal sealed class SoakServer(string host, IpEndpoint real)
{
    /// <summary>The name that it answers with.</summary>
    public string Host { get; } = host;

    /// <summary>Its address and port.</summary>
    public IpEndpoint Real { get; } = real;

    /// <summary>Its weight.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>Its thresholds; 0 for none.</summary>
    public int Upper { get; set; }

    /// <summary>Whether it is in the service.</summary>
    public bool IsIn { get; set; } = true;
}
