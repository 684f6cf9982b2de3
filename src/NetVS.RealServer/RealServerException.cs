namespace NetVS.RealServer;

/// <summary>A preparation that cannot be made as asked; the message says what is wrong and what to do.</summary>
public sealed class RealServerException : Exception
{
    /// <summary>With what is wrong and what to do, as it goes to stderr.</summary>
    public RealServerException(string message)
        : base(message)
    {
    }

    /// <summary>As above, with what lies behind it.</summary>
    public RealServerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
