using System.Runtime.InteropServices;

namespace NetVS.Linux.Vrrp;

/// <summary>Who owns a file, which .NET does not tell.</summary>
public static unsafe partial class FileOwner
{
    /// <summary>The owner's number; null where the file cannot be looked at.</summary>
    public static uint? Of(string path)
    {
        const uint STATX_UID = 8;
        const int AT_FDCWD = -100;
        byte* status = stackalloc byte[256];

        // struct statx: stx_uid stands at octet 20 on every machine.
        return statx(AT_FDCWD, path, 0, STATX_UID, status) == 0 ? *(uint*)(status + 20) : null;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, void* status);
}
