namespace NetVS.Linux;

/// <summary>The kernel lacks a feature that is needed; says which, and since when it is there.</summary>
public sealed class KernelFeatureMissingException : KernelCallException
{
    /// <summary>Describes the missing feature.</summary>
    /// <param name="feature">What is missing, such as "AF_XDP sockets that share a UMEM".</param>
    /// <param name="minimumKernel">The least kernel version that has it, such as "5.10".</param>
    /// <param name="call">The call that showed it.</param>
    /// <param name="errno">The positive errno.</param>
    /// <param name="object">What the call was about.</param>
    public KernelFeatureMissingException(string feature, string minimumKernel, string call, int errno, string @object)
        : base(call, errno, @object, $"{feature}: needs Linux {minimumKernel} or later, built with it")
    {
        Feature = feature;
        MinimumKernel = minimumKernel;
    }

    /// <summary>What is missing.</summary>
    public string Feature { get; }

    /// <summary>The least kernel version that has it.</summary>
    public string MinimumKernel { get; }
}
