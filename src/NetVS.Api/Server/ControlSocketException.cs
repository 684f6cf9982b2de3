namespace NetVS.Api.Server;

/// <summary>The control socket cannot be taken; the message says why and what to do.</summary>
public sealed class ControlSocketException : Exception
{
    /// <summary>Without a reason.</summary>
    public ControlSocketException()
    {
    }

    /// <summary>With the reason.</summary>
    public ControlSocketException(string message)
        : base(message)
    {
    }

    /// <summary>With the reason and its cause.</summary>
    public ControlSocketException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
