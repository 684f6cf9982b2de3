using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>A loaded eBPF program by its own descriptor.</summary>
public sealed unsafe class BpfProgram : IDisposable
{
    // struct bpf_prog_info up to and including nr_map_ids, map_ids and name; a shorter struct than the kernel's is fine.
    private const int InfoSize = 80;
    private const int MapCountOffset = 52, MapIdsOffset = 56, NameOffset = 64;
    private const int MaxMaps = 64;

    internal BpfProgram(SafeFileHandle handle, string name)
    {
        Handle = handle;
        Name = name;
        Span<byte> info = stackalloc byte[InfoSize];
        ReadInfo(info, []);
        Id = MemoryMarshal.Read<uint>(info[4..]);
        Tag = Convert.ToHexStringLower(info.Slice(8, 8));
        KernelName = NameFrom(info.Slice(NameOffset, 16));
    }

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The C name, or the kernel's where it was opened by id.</summary>
    public string Name { get; }

    /// <summary>The name the kernel keeps: at most 15 characters.</summary>
    public string KernelName { get; }

    /// <summary>The kernel's id; never used twice between two boots.</summary>
    public uint Id { get; }

    /// <summary>A hash of the instructions, sixteen hexadecimal digits: equal for equal code.</summary>
    public string Tag { get; }

    /// <summary>Opens a program by the kernel's id; null when it is gone.</summary>
    public static BpfProgram? TryFromId(uint id)
    {
        int fd = LibBpf.bpf_prog_get_fd_by_id(id);
        if (fd == -Errno.ENOENT) return null;
        LibBpf.Check(fd, "bpf_prog_get_fd_by_id", $"program {id}");
        return new BpfProgram(new SafeFileHandle(fd, ownsHandle: true), $"program {id}");
    }

    /// <summary>The maps the program uses, each to be disposed of by the caller.</summary>
    public IReadOnlyList<BpfMap> OpenMaps()
    {
        Span<byte> info = stackalloc byte[InfoSize];
        uint[] ids = new uint[MaxMaps];
        ReadInfo(info, ids);
        int count = Math.Min(MaxMaps, MemoryMarshal.Read<int>(info[MapCountOffset..]));
        return [.. ids.Take(count).Select(BpfMap.FromId)];
    }

    /// <summary>Runs the program once or more on a packet (BPF_PROG_RUN), attached to nothing.</summary>
    /// <param name="packet">The packet; at least 14 octets for the network types.</param>
    /// <param name="output">Receives the packet afterwards; may be empty.</param>
    /// <param name="repeat">Runs; the packet is not reset between them.</param>
    /// <param name="context">The program's context (struct __sk_buff, xdp_md, …) or empty for a zeroed one.</param>
    /// <param name="contextOutput">Receives the context afterwards; may be empty.</param>
    public TestRunResult TestRun(
        ReadOnlySpan<byte> packet, Span<byte> output, int repeat = 1, ReadOnlySpan<byte> context = default, Span<byte> contextOutput = default)
    {
        fixed (byte* input = packet)
        fixed (byte* result = output)
        fixed (byte* contextIn = context)
        fixed (byte* contextOut = contextOutput)
        {
            var options = new LibBpf.TestRunOptions
            {
                Size = (nuint)sizeof(LibBpf.TestRunOptions),
                DataIn = input,
                DataSizeIn = (uint)packet.Length,
                DataOut = result,
                DataSizeOut = (uint)output.Length,
                ContextIn = contextIn,
                ContextSizeIn = (uint)context.Length,
                ContextOut = contextOut,
                ContextSizeOut = (uint)contextOutput.Length,
                Repeat = repeat,
            };
            LibBpf.Check(
                LibBpf.bpf_prog_test_run_opts(Handle, &options), "bpf_prog_test_run_opts", $"program {Name}, packet of {packet.Length} octets");
            return new TestRunResult(options.ReturnValue, (int)options.DataSizeOut, options.Duration);
        }
    }

    /// <summary>Runs an XDP program on live frames: what it sends, redirects or passes really goes there.</summary>
    /// <remarks>
    /// Runs in the network namespace of the calling thread. The frames are recycled as the program left them, without being reset.
    /// Minimum kernel: 5.18.
    /// </remarks>
    /// <param name="frame">The frame to begin with.</param>
    /// <param name="repeat">Runs; the call returns when they are done.</param>
    /// <param name="batch">Frames per batch, 1 to 256.</param>
    public void RunLive(ReadOnlySpan<byte> frame, int repeat, int batch = 64)
    {
        const uint BPF_F_TEST_XDP_LIVE_FRAMES = 1 << 1;
        fixed (byte* input = frame)
        {
            var options = new LibBpf.TestRunOptions
            {
                Size = (nuint)sizeof(LibBpf.TestRunOptions),
                DataIn = input,
                DataSizeIn = (uint)frame.Length,
                Repeat = repeat,
                Flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                BatchSize = (uint)batch,
            };
            LibBpf.Check(
                LibBpf.bpf_prog_test_run_opts(Handle, &options), "bpf_prog_test_run_opts", $"program {Name}, live frames", "live frames need Linux 5.18 or later");
        }
    }

    /// <summary>Pins the program, see <see cref="BpfFileSystem"/>.</summary>
    public void Pin(string path) => BpfFileSystem.Pin(Handle, path);

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <summary>A NUL-padded name.</summary>
    internal static string NameFrom(ReadOnlySpan<byte> octets)
    {
        int end = octets.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? octets : octets[..end]);
    }

    private void ReadInfo(Span<byte> info, uint[] mapIds)
    {
        info.Clear();
        fixed (byte* octets = info)
        fixed (uint* ids = mapIds)
        {
            MemoryMarshal.Write(info[MapCountOffset..], mapIds.Length);
            MemoryMarshal.Write(info[MapIdsOffset..], (ulong)ids);
            uint size = InfoSize;
            LibBpf.Check(LibBpf.bpf_obj_get_info_by_fd(Handle, octets, &size), "bpf_obj_get_info_by_fd", $"program {Name}");
        }
    }
}
