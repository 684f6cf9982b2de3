namespace NetVS.Packets.Capture;

/// <summary>A capture file is broken or of a kind that is not supported.</summary>
public sealed class CaptureFormatException : Exception
{
    /// <summary>Builds the exception.</summary>
    /// <param name="offset">Where in the file, in octets.</param>
    /// <param name="fault">What is wrong there.</param>
    public CaptureFormatException(long offset, string fault)
        : base($"at octet {offset}: {fault}")
    {
        Offset = offset;
        Fault = fault;
    }

    /// <summary>Where in the file, in octets.</summary>
    public long Offset { get; }

    /// <summary>What is wrong there.</summary>
    public string Fault { get; }
}
