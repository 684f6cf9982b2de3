using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetVS.Linux.Bpf;

/// <summary>libbpf.so.1 (1.1 or later) and the three calls of libc around it.</summary>
/// <remarks>
/// Sources: bpf/libbpf.h, bpf/bpf.h, linux/bpf.h. Since libbpf 1.0 every function returns -errno, and those that return a
/// pointer return null with errno set. The option structs begin with their size, so an older or newer library reads them right.
/// </remarks>
internal static unsafe partial class LibBpf
{
    /// <summary>The library's file name.</summary>
    public const string Library = "libbpf.so.1";

    private const string C = "libc";

    static LibBpf() => _ = libbpf_set_print((nint)(delegate* unmanaged[Cdecl]<int, byte*, nint, int>)&Print);

    /// <summary>What libbpf printed on this thread since <see cref="StartCapture"/>; null while nobody listens.</summary>
    [ThreadStatic]
    private static List<string>? s_captured;

    /// <summary>Begins to collect libbpf's messages of this thread.</summary>
    public static void StartCapture() => s_captured = [];

    /// <summary>The collected messages, and an end to collecting.</summary>
    public static IReadOnlyList<string> EndCapture()
    {
        List<string> captured = s_captured ?? [];
        s_captured = null;
        return captured;
    }

    /// <summary>Throws for a negative result.</summary>
    public static int Check(int result, string call, string @object, string? hint = null) =>
        result >= 0 ? result : throw new KernelCallException(call, -result, @object, hint ?? Hint(-result));

    /// <summary>What helps against the errors that mean the same for every BPF call.</summary>
    public static string? Hint(int errno) => errno switch
    {
        Errno.EPERM or Errno.EACCES => "run it as root (CAP_BPF, CAP_NET_ADMIN and, to mount bpffs, CAP_SYS_ADMIN)",
        Errno.ENOSYS => "the kernel is built without CONFIG_BPF_SYSCALL",
        _ => null,
    };

    // int (*)(enum libbpf_print_level, const char *, va_list). A va_list is an array type on x86-64 and a struct larger than two
    // registers on arm64: as a parameter both are one pointer, which vasprintf takes as it came.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Print(int level, byte* format, nint arguments)
    {
        const int Debug = 2;
        if (s_captured is null || level >= Debug) return 0;
        byte* text = null;
        if (vasprintf(&text, format, arguments) < 0) return 0;
        s_captured.Add(Marshal.PtrToStringUTF8((nint)text) ?? "");
        NativeMemory.Free(text);
        return 0;
    }

    /// <summary>struct bpf_object_open_opts, as far as it is used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ObjectOpenOptions
    {
        /// <summary>sizeof.</summary>
        public nuint Size;

        /// <summary>NUL-terminated; prefixes the names of global data maps.</summary>
        public byte* ObjectName;
    }

    /// <summary>struct bpf_map_create_opts, as far as it is used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MapCreateOptions
    {
        /// <summary>sizeof.</summary>
        public nuint Size;

        private readonly uint _btf, _btfKeyType, _btfValueType, _btfKernelValueType;

        /// <summary>Of a map of maps: a map like those in it.</summary>
        public int InnerMapFd;

        /// <summary>BPF_F_*.</summary>
        public uint Flags;
    }

    /// <summary>struct bpf_link_create_opts, as far as it is used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LinkCreateOptions
    {
        /// <summary>sizeof.</summary>
        public nuint Size;

        /// <summary>XDP_FLAGS_* for XDP.</summary>
        public uint Flags;

        private readonly uint _padding;
    }

    /// <summary>struct bpf_tc_hook.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TcHookOptions
    {
        /// <summary>sizeof.</summary>
        public nuint Size;

        /// <summary>The interface.</summary>
        public int InterfaceIndex;

        /// <summary>BPF_TC_INGRESS 1, BPF_TC_EGRESS 2.</summary>
        public int AttachPoint;

        /// <summary>For BPF_TC_CUSTOM only.</summary>
        public uint Parent;

        private readonly uint _padding;
    }

    /// <summary>struct bpf_tc_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TcOptions
    {
        /// <summary>sizeof.</summary>
        public nuint Size;

        /// <summary>The program; 0 for detach and query.</summary>
        public int ProgramFd;

        /// <summary>BPF_TC_F_REPLACE 1.</summary>
        public uint Flags;

        /// <summary>Out: the program's id.</summary>
        public uint ProgramId;

        /// <summary>tc's handle.</summary>
        public uint Handle;

        /// <summary>tc's preference.</summary>
        public uint Priority;

        private readonly uint _padding;
    }

    /// <summary>struct bpf_test_run_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TestRunOptions
    {
        /// <summary>sizeof.</summary>
        public nuint Size;

        /// <summary>The packet.</summary>
        public byte* DataIn;

        /// <summary>The packet afterwards.</summary>
        public byte* DataOut;

        /// <summary>Octets at <see cref="DataIn"/>.</summary>
        public uint DataSizeIn;

        /// <summary>In: room at <see cref="DataOut"/>; out: octets there.</summary>
        public uint DataSizeOut;

        /// <summary>The context (struct __sk_buff, xdp_md).</summary>
        public byte* ContextIn;

        /// <summary>The context afterwards.</summary>
        public byte* ContextOut;

        /// <summary>Octets at <see cref="ContextIn"/>.</summary>
        public uint ContextSizeIn;

        /// <summary>In: room at <see cref="ContextOut"/>; out: octets there.</summary>
        public uint ContextSizeOut;

        /// <summary>Out: what the program returned.</summary>
        public uint ReturnValue;

        /// <summary>Runs.</summary>
        public int Repeat;

        /// <summary>Out: mean nanoseconds of a run.</summary>
        public uint Duration;

        /// <summary>BPF_F_TEST_*.</summary>
        public uint Flags;

        /// <summary>The CPU, with BPF_F_TEST_RUN_ON_CPU.</summary>
        public uint Cpu;

        /// <summary>With live frames.</summary>
        public uint BatchSize;
    }

    [LibraryImport(C)]
    private static partial int vasprintf(byte** text, byte* format, nint arguments);

    [LibraryImport(Library)]
    private static partial nint libbpf_set_print(nint function);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_object__open_mem(byte* image, nuint size, ObjectOpenOptions* options);

    [LibraryImport(Library)]
    public static partial int bpf_object__load(BpfObjectHandle handle);

    [LibraryImport(Library)]
    public static partial void bpf_object__close(nint handle);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_map_by_name(BpfObjectHandle handle, string name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_program_by_name(BpfObjectHandle handle, string name);

    [LibraryImport(Library)]
    public static partial int bpf_map__fd(nint map);

    [LibraryImport(Library)]
    public static partial int bpf_map__reuse_fd(nint map, int fd);

    [LibraryImport(Library)]
    public static partial int bpf_map__set_max_entries(nint map, uint count);

    [LibraryImport(Library)]
    public static partial uint bpf_map__max_entries(nint map);

    [LibraryImport(Library)]
    public static partial int bpf_program__fd(nint program);

    [LibraryImport(Library)]
    public static partial int bpf_program__set_autoload(nint program, [MarshalAs(UnmanagedType.U1)] bool load);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_map_create(uint type, string name, uint keySize, uint valueSize, uint maxEntries, MapCreateOptions* options);

    [LibraryImport(Library)]
    public static partial int bpf_map_update_elem(SafeHandle fd, byte* key, byte* value, ulong flags);

    [LibraryImport(Library)]
    public static partial int bpf_map_lookup_elem(SafeHandle fd, byte* key, byte* value);

    [LibraryImport(Library)]
    public static partial int bpf_map_delete_elem(SafeHandle fd, byte* key);

    [LibraryImport(Library)]
    public static partial int bpf_map_get_next_key(SafeHandle fd, byte* key, byte* next);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_obj_pin(SafeHandle fd, string path);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_obj_get(string path);

    [LibraryImport(Library)]
    public static partial int bpf_obj_get_info_by_fd(SafeHandle fd, byte* info, uint* size);

    [LibraryImport(Library)]
    public static partial int bpf_prog_get_fd_by_id(uint id);

    [LibraryImport(Library)]
    public static partial int bpf_map_get_fd_by_id(uint id);

    [LibraryImport(Library)]
    public static partial int bpf_prog_attach(SafeHandle program, SafeHandle target, int type, uint flags);

    [LibraryImport(Library)]
    public static partial int bpf_prog_detach2(SafeHandle program, SafeHandle target, int type);

    [LibraryImport(Library)]
    public static partial int bpf_prog_query(
        SafeHandle target, int type, uint queryFlags, uint* attachFlags, uint* ids, uint* count);

    [LibraryImport(Library)]
    public static partial int bpf_link_create(SafeHandle program, int target, int type, LinkCreateOptions* options);

    [LibraryImport(Library)]
    public static partial int bpf_link_detach(SafeHandle link);

    [LibraryImport(Library)]
    public static partial int bpf_link_update(SafeHandle link, SafeHandle program, void* options);

    [LibraryImport(Library)]
    public static partial int bpf_tc_hook_create(TcHookOptions* hook);

    [LibraryImport(Library)]
    public static partial int bpf_tc_hook_destroy(TcHookOptions* hook);

    [LibraryImport(Library)]
    public static partial int bpf_tc_attach(TcHookOptions* hook, TcOptions* options);

    [LibraryImport(Library)]
    public static partial int bpf_tc_detach(TcHookOptions* hook, TcOptions* options);

    [LibraryImport(Library)]
    public static partial int bpf_tc_query(TcHookOptions* hook, TcOptions* options);

    [LibraryImport(Library)]
    public static partial int bpf_prog_test_run_opts(SafeHandle program, TestRunOptions* options);
}
