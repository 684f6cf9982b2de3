using System.Diagnostics;
using NetVS.Testing.Namespaces;

namespace NetVS.Linux.Tests;

/// <summary>What a test program left behind when it was killed is removed by the next one; what one still uses is not.</summary>
public sealed class AbandonedNamespaceTests
{
    [Fact]
    public void Namespaces_OfProgramsThatAreNoMore_AreRemoved_WithWhatRunsInThem()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        int ended;
        using (Process brief = Process.Start("true"))
        {
            ended = brief.Id;
            brief.WaitForExit();
        }

        using NetworkNamespace own = NetworkNamespace.Create("mine");
        string left = $"nvst-left-{ended}-1";
        NetworkNamespace.Execute("ip", "netns", "add", left);
        using Process inside = Process.Start("ip", ["netns", "exec", left, "sleep", "600"]);
        SpinWait.SpinUntil(() => NetworkNamespace.Execute("ip", "netns", "pids", left).Length > 0, TimeSpan.FromSeconds(10)).ShouldBeTrue();

        NetworkNamespace.RemoveAbandoned();

        File.Exists("/run/netns/" + left).ShouldBeFalse();
        inside.WaitForExit(TimeSpan.FromSeconds(10)).ShouldBeTrue();
        File.Exists(own.Path).ShouldBeTrue();
    }
}
