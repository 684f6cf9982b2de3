namespace NetVS.Health.Checks;

/// <summary>How one attempt ended.</summary>
internal enum ProbeOutcome : byte
{
    /// <summary>The server is well.</summary>
    Success,

    /// <summary>The server is not well.</summary>
    Failure,

    /// <summary>This host could not ask (no socket, no address to bind to): says nothing about the server.</summary>
    LocalProblem,

    /// <summary>Not asked, because the check is suspended.</summary>
    Suspended,
}
