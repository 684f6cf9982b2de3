using System.Runtime.InteropServices;

namespace NetVS.Linux.Bpf;

/// <summary>Owns a struct bpf_object; closing it closes the descriptors of its maps and programs.</summary>
internal sealed class BpfObjectHandle : SafeHandle
{
    /// <summary>Takes over an open object.</summary>
    public BpfObjectHandle(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibBpf.bpf_object__close(handle);
        return true;
    }
}
