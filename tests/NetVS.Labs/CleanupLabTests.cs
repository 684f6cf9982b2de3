using System.Diagnostics;

namespace NetVS.Labs;

/// <summary>Labs leave nothing behind, whatever happens to them, and stand where they are asked to.</summary>
[Collection("labs")]
public sealed class CleanupLabTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Lab_Interrupted_RemovesItsNamespacesAndPins(string signal)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "labs make network namespaces: they need root");
        using LabProcess lab = LabProcess.Start("lab", "dr");
        string prefix = await AwaitPrefixAsync(lab, signal == "INT" ? "== requests" : "== real servers");
        Process.Start("kill", [$"-{signal}", lab.Id.ToString()]).WaitForExit();
        (await lab.WaitAsync()).ShouldBe(130, lab.Output);
        Namespaces(prefix).ShouldBeEmpty();
        Pins(prefix).ShouldBeEmpty();
    }

    [Fact]
    public async Task Lab_Killed_IsRemovedByTheNext()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "labs make network namespaces: they need root");
        using LabProcess lab = LabProcess.Start("lab", "dr");
        string prefix = await AwaitPrefixAsync(lab, "== director");
        Process.Start("kill", ["-KILL", lab.Id.ToString()]).WaitForExit();
        await lab.WaitAsync();
        Namespaces(prefix).ShouldNotBeEmpty();
        using LabProcess next = LabProcess.Start("lab", "dr");
        (await next.WaitAsync()).ShouldBe(0, next.Output);
        Namespaces(prefix).ShouldBeEmpty();
        Pins(prefix).ShouldBeEmpty();
    }

    [Fact]
    public async Task Lab_Unknown_IsRefusedWithUsageStatus()
    {
        using LabProcess lab = LabProcess.Start("lab", "ipsec");
        (await lab.WaitAsync()).ShouldBe(2);
        lab.Output.ShouldContain("there is no lab 'ipsec': dr, nat, tun, fullnat");
    }

    private static async Task<string> AwaitPrefixAsync(LabProcess lab, string line)
    {
        for (int i = 0; i < 1200 && !lab.Output.Contains(line, StringComparison.Ordinal); i++) await Task.Delay(50);
        lab.Output.ShouldContain(line);
        int at = lab.Output.IndexOf("nvs-", StringComparison.Ordinal);
        return lab.Output.Substring(at, "nvs-0000-".Length);
    }

    // Of the daemons whose sockets were in the lab's folder.
    private static string[] Pins(string prefix) =>
        Directory.Exists("/sys/fs/bpf/netvs") ? Directory.GetDirectories("/sys/fs/bpf/netvs", $"run_netvs_lab_{prefix.Split('-')[1]}_*") : [];

    private static string[] Namespaces(string prefix) => Directory.GetFiles("/run/netns", prefix + "*");
}
