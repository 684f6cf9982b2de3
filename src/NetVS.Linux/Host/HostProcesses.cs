using System.Runtime.InteropServices;

namespace NetVS.Linux.Host;

/// <summary>What the framework does not say or do about files and processes.</summary>
public static unsafe partial class HostProcesses
{
    private const int SIGTERM = 15, SIGKILL = 9, AT_FDCWD = -100;
    private const uint STATX_UID = 8;

    // struct statx (include/uapi/linux/stat.h): 256 octets, stx_uid at 20.
    private const int StatxSize = 256, UidOffset = 20;

    /// <summary>The user id that owns a file or directory; null if it cannot be told.</summary>
    public static uint? FindOwner(string path)
    {
        byte* buffer = stackalloc byte[StatxSize];
        return statx(AT_FDCWD, path, 0, STATX_UID, buffer) == 0 ? *(uint*)(buffer + UidOffset) : null;
    }

    /// <summary>Asks a process to end; one that is gone already is left.</summary>
    public static void Terminate(int process) => _ = kill(process, SIGTERM);

    /// <summary>Asks every process of a group to end.</summary>
    public static void TerminateGroup(int group) => SendToGroup(group, SIGTERM);

    /// <summary>Ends every process of a group.</summary>
    public static void KillGroup(int group) => SendToGroup(group, SIGKILL);

    // 1 would be everybody's.
    private static void SendToGroup(int group, int signal)
    {
        if (group > 1) _ = kill(-group, signal);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
