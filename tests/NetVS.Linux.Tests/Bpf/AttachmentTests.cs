using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Bpf;
using NetVS.Linux.Host;

namespace NetVS.Linux.Tests.Bpf;

/// <summary>Attaching to tc, XDP and control groups, in a namespace and a group of the test's own.</summary>
public sealed class AttachmentTests : IDisposable
{
    private static int s_count;
    private readonly string _namespace = $"nvs-at-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
    private readonly string? _group;

    public AttachmentTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces need root");
        Run("ip", $"netns add {_namespace}");
        Run("ip", $"-n {_namespace} link add v0 type veth peer name v1");
        string root = File.ReadLines("/proc/self/mounts").Select(l => l.Split(' ')).First(f => f[2] == "cgroup2")[1];
        _group = $"{root}/{_namespace}";
        Directory.CreateDirectory(_group);
    }

    public void Dispose()
    {
        if (File.Exists($"/run/netns/{_namespace}")) Run("ip", $"netns del {_namespace}");
        if (Directory.Exists(_group)) Directory.Delete(_group);
    }

    [Fact]
    public void TcFilter_IsAttachedFoundReplacedAndDetached() => In(index =>
    {
        using BpfProgram program = Load("decap", "decap");
        var hook = new TcHook(index, "v0", TcDirection.Ingress);
        hook.TryFind(7, 1).ShouldBeNull("there is no clsact yet");
        hook.Detach(7, 1).ShouldBeFalse();
        hook.CreateQdisc().ShouldBeTrue();
        hook.CreateQdisc().ShouldBeFalse();
        hook.TryFind(7, 1).ShouldBeNull();

        hook.Attach(program, 7, 1).ShouldBe(new TcFilter(7, 1, program.Id));
        hook.TryFind(7, 1).ShouldBe(new TcFilter(7, 1, program.Id));
        hook.TryFind(7, 2).ShouldBeNull();
        Should.Throw<KernelCallException>(() => hook.Attach(program, 7, 1)).ErrnoName.ShouldBe("EEXIST");
        using BpfProgram other = Load("decap", "decap");
        hook.Attach(other, 7, 1, replace: true).ProgramId.ShouldBe(other.Id);
        using (var route = new HostNetwork())
        {
            route.HasClsact(index).ShouldBeTrue();
            route.ClsactFilters(index).ShouldBe(1);
        }

        hook.Detach(7, 1).ShouldBeTrue();
        hook.Detach(7, 1).ShouldBeFalse();
        hook.DestroyQdisc();
        using var after = new HostNetwork();
        after.HasClsact(index).ShouldBeFalse();
    });

    [Fact]
    public void XdpLink_OfAProgramOfAnotherType_IsRefusedWithItsInterface() => In(index =>
    {
        // A tc program has the wrong type for XDP: the kernel's own message tells.
        using BpfProgram wrong = Load("decap", "decap");
        Should.Throw<KernelCallException>(() => BpfLink.AttachXdp(wrong, index, XdpMode.Native, "v0")).Object.ShouldBe("v0 (XDP native)");
    });

    [Fact]
    public void ControlGroupLink_OfWhichAChildHasACopy_IsDetachedAtOnce()
    {
        using BpfProgram program = Load("toa", "toa_established");
        using ControlGroup group = ControlGroup.Open(_group!);
        SafeFileHandle copy;
        using (BpfLink link = BpfLink.AttachControlGroup(program, group, ControlGroupHook.SocketOperations))
            copy = new SafeFileHandle(dup(link.Handle), ownsHandle: true);
        using (copy)
        {
            copy.IsInvalid.ShouldBeFalse();
            group.Programs(ControlGroupHook.SocketOperations).ShouldBeEmpty();
        }
    }

    [Fact]
    public void ControlGroupLink_IsAttachedWhileItLives()
    {
        using BpfProgram program = Load("toa", "toa_established");
        using ControlGroup group = ControlGroup.Open(_group!);
        group.Path.ShouldBe($"/{_namespace}");
        using (BpfLink.AttachControlGroup(program, group, ControlGroupHook.SocketOperations))
            group.Programs(ControlGroupHook.SocketOperations).ShouldBe([program.Id]);
        group.Programs(ControlGroupHook.SocketOperations).ShouldBeEmpty();
    }

    [Fact]
    public void ControlGroupLink_Pinned_OutlivesItsDescriptor()
    {
        string mount = Directory.CreateTempSubdirectory("nvs-bpffs-").FullName;
        BpfFileSystem.Mount(mount);
        try
        {
            using BpfProgram program = Load("toa", "toa_peername4");
            using ControlGroup group = ControlGroup.Open($"/{_namespace}");
            using (BpfLink link = BpfLink.AttachControlGroup(program, group, ControlGroupHook.PeerName4)) link.Pin($"{mount}/link");
            group.Programs(ControlGroupHook.PeerName4).ShouldBe([program.Id]);
            BpfLink.FromPin($"{mount}/link").Detach();
            BpfFileSystem.Unpin($"{mount}/link").ShouldBeTrue();
            group.Programs(ControlGroupHook.PeerName4).ShouldBeEmpty();
        }
        finally
        {
            BpfFileSystem.Unmount(mount);
            Directory.Delete(mount);
        }
    }

    [Fact]
    public void ControlGroup_Program_StaysWithoutADescriptorUntilDetached()
    {
        uint id;
        using (BpfProgram program = Load("toa", "toa_peername6"))
        using (ControlGroup group = ControlGroup.Open(_group!))
        {
            group.Attach(program, ControlGroupHook.PeerName6);
            id = program.Id;
        }

        using ControlGroup again = ControlGroup.Open(_group!);
        again.Programs(ControlGroupHook.PeerName6).ShouldBe([id]);
        using BpfProgram? found = BpfProgram.TryFromId(id);
        found.ShouldNotBeNull();
        again.Detach(found, ControlGroupHook.PeerName6).ShouldBeTrue();
        again.Detach(found, ControlGroupHook.PeerName6).ShouldBeFalse();
    }

    [Fact]
    public void HostNetwork_ListsAndChangesAddresses() => In(index =>
    {
        using var route = new HostNetwork();
        NetworkNamespace.CurrentCookie().ShouldNotBe(0ul);
        HostLink link = route.Links().Single(l => l.Name == "v0");
        link.Index.ShouldBe(index);
        link.IsEthernet.ShouldBeTrue();
        link.IsUp.ShouldBeFalse();
        route.Links().Single(l => l.IsLoopback).Name.ShouldBe("lo");
        foreach ((string text, byte bits) in ((string, byte)[])[("192.0.2.1", 24), ("2001:db8::1", 128)])
        {
            Packets.IpAddress address = Packets.IpAddress.Parse(text);
            route.AddAddress(index, address, bits, "v0");
            route.Addresses().ShouldContain(new HostAddress(index, address, bits, 0));
            Should.Throw<KernelCallException>(() => route.AddAddress(index, address, bits, "v0")).ErrnoName.ShouldBe("EEXIST");
            route.DeleteAddress(index, address, bits, "v0").ShouldBeTrue();
            route.DeleteAddress(index, address, bits, "v0").ShouldBeFalse();
            route.Addresses().ShouldNotContain(a => a.Address == address);
        }

        Should.Throw<KernelCallException>(() => route.AddAddress(9999, Packets.IpAddress.Parse("192.0.2.1"), 32, "gone")).Errno.ShouldBe(Errno.ENODEV);
    });

#pragma warning disable SYSLIB1054 // this project allows no unsafe code, which the generator needs
    [DllImport("libc")]
    private static extern int dup(SafeHandle descriptor);
#pragma warning restore SYSLIB1054

    private static BpfProgram Load(string name, string program)
    {
        using BpfObject loaded = BpfObject.OpenEmbedded(name);
        loaded.Load();
        return loaded.Program(program);
    }

    private static void Run(string program, string arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"{program} {arguments}");
    }

    private void In(Action<int> action) => NetworkNamespace.Run($"/run/netns/{_namespace}", () =>
    {
        using var route = new HostNetwork();
        action(route.Links().Single(l => l.Name == "v0").Index);
    });
}
