namespace NetVS.Bfd.Wire;

/// <summary>Why a session last left Up, as far as this implementation gives reasons (RFC 5880 §4.1); others may be received.</summary>
public enum BfdDiagnostic : byte
{
    /// <summary>It never was up.</summary>
    None,

    /// <summary>Nothing was heard for the detection time.</summary>
    DetectionTimeExpired,

    /// <summary>The other end does not do echoes any more; received only.</summary>
    EchoFailed,

    /// <summary>The other end said that its session is down.</summary>
    NeighbourSignalledDown,

    /// <summary>Received only.</summary>
    ForwardingPlaneReset,

    /// <summary>Received only.</summary>
    PathDown,

    /// <summary>Received only.</summary>
    ConcatenatedPathDown,

    /// <summary>Its operator holds it down, or its program ends.</summary>
    AdministrativelyDown,
}
