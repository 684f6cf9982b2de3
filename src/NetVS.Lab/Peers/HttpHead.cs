namespace NetVS.Lab.Peers;

/// <summary>The first lines of an HTTP message, as far as the labs need them.</summary>
/// <param name="Method">The method of a request, or the version of a response.</param>
/// <param name="Path">The path of a request, or the status of a response.</param>
/// <param name="ContentLength">Octets of the body; 0 without the field.</param>
/// <param name="WantsClose">Whether the connection ends after this message.</param>
internal sealed record HttpHead(string Method, string Path, long ContentLength, bool WantsClose)
{
    /// <summary>Who answered, where the answer says so (X-Server); else empty.</summary>
    public string Server { get; init; } = "";
}
