using System.Runtime.InteropServices;

namespace NetVS.Linux;

/// <summary>A system call, or a library call that stands for one, that the kernel refused.</summary>
/// <remarks>The message reads "object: call: what the kernel said (ENAME): hint", so that it can go to stderr as it is.</remarks>
public class KernelCallException : Exception
{
    /// <summary>Describes one refused call.</summary>
    /// <param name="call">The call as its manual page names it, such as "bind" or "bpf_tc_attach".</param>
    /// <param name="errno">The positive errno.</param>
    /// <param name="object">What it was done to, such as "eth0 queue 2"; empty where there is nothing to name.</param>
    /// <param name="hint">What to do about it, as a phrase; null where nothing useful can be said.</param>
    public KernelCallException(string call, int errno, string @object, string? hint = null)
        : base(Describe(call, errno, @object, hint))
    {
        Call = call;
        Errno = errno;
        Object = @object;
        Hint = hint;
    }

    /// <summary>The call's name.</summary>
    public string Call { get; }

    /// <summary>The positive errno, see <see cref="Linux.Errno"/>.</summary>
    public int Errno { get; }

    /// <summary>The errno's name, such as "EBUSY".</summary>
    public string ErrnoName => Linux.Errno.NameOf(Errno);

    /// <summary>What the call was about.</summary>
    public string Object { get; }

    /// <summary>What to do about it, or null.</summary>
    public string? Hint { get; }

    private static string Describe(string call, int errno, string @object, string? hint)
    {
        string text = $"{call}: {Marshal.GetPInvokeErrorMessage(errno)} ({Linux.Errno.NameOf(errno)})";
        if (@object.Length > 0) text = $"{@object}: {text}";
        return hint is null ? text : $"{text}: {hint}";
    }
}
