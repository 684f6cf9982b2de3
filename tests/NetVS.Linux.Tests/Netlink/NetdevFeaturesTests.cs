using NetVS.Linux.Netlink;
using NetVS.Testing.Namespaces;

namespace NetVS.Linux.Tests.Netlink;

/// <summary>What the kernel says of devices as targets of XDP redirects.</summary>
public sealed class NetdevFeaturesTests
{
    [Fact]
    public void Veth_IsATarget_WhileItsPeerHasGro()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        using NetworkNamespace here = NetworkNamespace.Create("here"), there = NetworkNamespace.Create("there");
        NetworkNamespace.Connect(here, "f0", there, "p0");
        int index = LinkFixture.IndexOf(here, "f0");
        IReadOnlySet<int>? before = here.Run(NetdevFeatures.TryReadRedirectTargets);
        Assert.SkipWhen(before is null && Environment.OSVersion.Version < new Version(6, 3), "the kernel is older than 6.3");
        before.ShouldNotBeNull().ShouldNotContain(index);
        there.Execute("ethtool", "-K p0 gro on");
        here.Run(NetdevFeatures.TryReadRedirectTargets).ShouldNotBeNull().ShouldContain(index);
        there.Execute("ethtool", "-K p0 gro off");
        here.Run(NetdevFeatures.TryReadRedirectTargets).ShouldNotBeNull().ShouldNotContain(index);
    }
}
