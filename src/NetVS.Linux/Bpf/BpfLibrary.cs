using System.Runtime.InteropServices;

namespace NetVS.Linux.Bpf;

/// <summary>Whether libbpf is there: asked before anything is changed that would need it later.</summary>
public static class BpfLibrary
{
    private static readonly Lazy<bool> s_isPresent = new(() => NativeLibrary.TryLoad(LibBpf.Library, out _));

    /// <summary>Whether it can be loaded.</summary>
    public static bool IsPresent => s_isPresent.Value;

    /// <summary>Refuses to go on without it.</summary>
    /// <exception cref="KernelCallException">It cannot be loaded.</exception>
    public static void Require()
    {
        if (!IsPresent) throw new KernelCallException("dlopen", Errno.ENOENT, LibBpf.Library, "install libbpf 1.1 or later (Debian: apt install libbpf1)");
    }
}
