namespace NetVS.Director.Helpers;

/// <summary>Who opens a connection that was announced on a control connection.</summary>
internal enum ExpectationKind : byte
{
    /// <summary>None was announced.</summary>
    None,

    /// <summary>The client, from a port that is not known (FTP's passive mode).</summary>
    FromClient,

    /// <summary>The real server, to a port the client named (FTP's active mode).</summary>
    FromServer,
}
