using System.Runtime.InteropServices;

namespace NetVS.Linux.Vrrp;

/// <summary>Signals to process groups, which .NET does not send.</summary>
public static partial class ProcessSignal
{
    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>Sends a signal to every process of a group.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool SendToGroup(int group, int signal) => group > 1 && kill(-group, signal) == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
