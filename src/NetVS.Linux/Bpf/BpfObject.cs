using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>A compiled eBPF object: opened from memory, adjusted, loaded, then asked for its programs and maps.</summary>
/// <remarks>
/// Order of use: <see cref="OpenEmbedded"/>, then the adjustments (<see cref="SetMaxEntries"/>, <see cref="ReuseMap"/>,
/// <see cref="SkipProgram"/>), <see cref="Load"/>, then <see cref="Program"/> and <see cref="Map"/>. What they return has its own
/// descriptor and outlives the object. Not thread-safe.
/// </remarks>
public sealed unsafe class BpfObject : IDisposable
{
    private const int VerifierLines = 14;

    private readonly BpfObjectHandle _handle;

    private BpfObject(BpfObjectHandle handle, string name)
    {
        _handle = handle;
        Name = name;
    }

    /// <summary>The object's name in messages.</summary>
    public string Name { get; }

    /// <summary>The image of <c>bpf/NAME.bpf.c</c> as it was compiled into this assembly.</summary>
    /// <exception cref="ArgumentException">There is no such program.</exception>
    public static byte[] EmbeddedImage(string name)
    {
        using Stream stream = typeof(BpfObject).Assembly.GetManifestResourceStream($"{name}.bpf.o")
            ?? throw new ArgumentException($"no eBPF object named {name} is embedded", nameof(name));
        byte[] image = new byte[stream.Length];
        stream.ReadExactly(image);
        return image;
    }

    /// <summary>Opens <c>bpf/NAME.bpf.c</c> as it was compiled into this assembly.</summary>
    public static BpfObject OpenEmbedded(string name) => Open(EmbeddedImage(name), name);

    /// <summary>Opens an ELF image; nothing is loaded into the kernel yet.</summary>
    /// <exception cref="KernelCallException">The image is no eBPF object that libbpf understands, or there is no libbpf.</exception>
    public static BpfObject Open(ReadOnlySpan<byte> image, string name)
    {
        BpfLibrary.Require();
        byte[] utf8 = Encoding.UTF8.GetBytes(name + '\0');
        fixed (byte* octets = image)
        fixed (byte* text = utf8)
        {
            var options = new LibBpf.ObjectOpenOptions { Size = (nuint)sizeof(LibBpf.ObjectOpenOptions), ObjectName = text };
            LibBpf.StartCapture();
            nint handle = LibBpf.bpf_object__open_mem(octets, (nuint)image.Length, &options);
            int errno = Marshal.GetLastPInvokeError();
            IReadOnlyList<string> messages = LibBpf.EndCapture();
            if (handle == 0) throw new KernelCallException("bpf_object__open_mem", errno, name, LastLines(messages));
            return new BpfObject(new BpfObjectHandle(handle), name);
        }
    }

    /// <summary>Sets how many entries a map gets; only before <see cref="Load"/>.</summary>
    public void SetMaxEntries(string map, int count) =>
        LibBpf.Check(LibBpf.bpf_map__set_max_entries(FindMap(map), checked((uint)count)), "bpf_map__set_max_entries", $"{Name} map {map}");

    /// <summary>How many entries a map has, or will have.</summary>
    public int MaxEntriesOf(string map) => checked((int)LibBpf.bpf_map__max_entries(FindMap(map)));

    /// <summary>Makes the object use an existing map instead of creating its own; only before <see cref="Load"/>.</summary>
    public void ReuseMap(string map, BpfMap existing)
    {
        bool added = false;
        try
        {
            existing.Handle.DangerousAddRef(ref added);
            int fd = (int)existing.Handle.DangerousGetHandle();
            LibBpf.Check(LibBpf.bpf_map__reuse_fd(FindMap(map), fd), "bpf_map__reuse_fd", $"{Name} map {map}");
        }
        finally
        {
            if (added) existing.Handle.DangerousRelease();
        }
    }

    /// <summary>Leaves a program out; only before <see cref="Load"/>.</summary>
    public void SkipProgram(string program) =>
        LibBpf.Check(LibBpf.bpf_program__set_autoload(FindProgram(program), false), "bpf_program__set_autoload", $"{Name} program {program}");

    /// <summary>Creates the maps and passes the programs through the kernel's verifier.</summary>
    /// <exception cref="KernelCallException">Refused; the hint holds the verifier's last lines.</exception>
    public void Load()
    {
        LibBpf.StartCapture();
        int result = LibBpf.bpf_object__load(_handle);
        IReadOnlyList<string> messages = LibBpf.EndCapture();
        if (result >= 0) return;
        if (-result == Errno.ENOSYS)
            throw new KernelFeatureMissingException("eBPF (CONFIG_BPF_SYSCALL)", "4.20", "bpf_object__load", -result, $"eBPF object {Name}");
        string? hint = -result is Errno.EPERM ? LibBpf.Hint(-result) : LastLines(messages);
        throw new KernelCallException("bpf_object__load", -result, $"eBPF object {Name}", hint);
    }

    /// <summary>A loaded program by its C name.</summary>
    public BpfProgram Program(string name)
    {
        int fd = LibBpf.Check(LibBpf.bpf_program__fd(FindProgram(name)), "bpf_program__fd", $"{Name} program {name}", "load the object first");
        return new BpfProgram(Descriptor.Duplicate(fd, name), name);
    }

    /// <summary>A created map by its C name.</summary>
    public BpfMap Map(string name)
    {
        int fd = LibBpf.Check(LibBpf.bpf_map__fd(FindMap(name)), "bpf_map__fd", $"{Name} map {name}", "load the object first");
        return BpfMap.FromHandle(Descriptor.Duplicate(fd, name));
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private nint FindMap(string name)
    {
        nint map = LibBpf.bpf_object__find_map_by_name(_handle, name);
        return map != 0 ? map : throw new ArgumentException($"eBPF object {Name} has no map {name}", nameof(name));
    }

    private nint FindProgram(string name)
    {
        nint program = LibBpf.bpf_object__find_program_by_name(_handle, name);
        return program != 0 ? program : throw new ArgumentException($"eBPF object {Name} has no program {name}", nameof(name));
    }

    /// <summary>The end of what libbpf printed: the verifier states its objection last.</summary>
    private static string? LastLines(IReadOnlyList<string> messages)
    {
        string[] lines =
        [
            .. messages.SelectMany(m => m.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                .Where(l => !l.Contains("PROG LOAD LOG", StringComparison.Ordinal)
                    && !l.StartsWith("libbpf: failed to load object", StringComparison.Ordinal)
                    && !l.StartsWith("processed ", StringComparison.Ordinal)),
        ];
        return lines.Length == 0 ? null : "\n  " + string.Join("\n  ", lines.TakeLast(VerifierLines));
    }
}
