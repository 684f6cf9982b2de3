namespace NetVS.Rules.Ipvsadm;

/// <summary>The daemon cannot be reached, or stopped answering.</summary>
public sealed class TargetUnavailableException : Exception
{
    /// <summary>Without a reason.</summary>
    public TargetUnavailableException()
    {
    }

    /// <summary>With the reason, in the C library's words where it is an errno.</summary>
    public TargetUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>With the reason and what caused it.</summary>
    public TargetUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
