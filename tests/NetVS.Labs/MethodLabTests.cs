namespace NetVS.Labs;

/// <summary>The four methods end to end: real clients and servers, captures checked hop by hop and by tshark, transfers by hash.</summary>
[Collection("labs")]
public sealed class MethodLabTests
{
    [Theory]
    [InlineData("dr")]
    [InlineData("nat")]
    [InlineData("tun")]
    [InlineData("fullnat")]
    public Task Method_OverIpv4_IsAsTheTextbookSaysAndCarriesLargeTransfers(string method) =>
        RunAsync("lab", method, "--transfer", "100M");

    [Theory]
    [InlineData("dr")]
    [InlineData("nat")]
    [InlineData("tun")]
    [InlineData("fullnat")]
    public Task Method_OverIpv6_IsAsTheTextbookSaysAndCarriesLargeTransfers(string method) =>
        RunAsync("lab", method, "-6", "--transfer", "20M");

    [Theory]
    [InlineData("dr")]
    [InlineData("nat")]
    [InlineData("tun")]
    [InlineData("fullnat")]
    public Task Method_OverAfXdp_IsAsTheTextbookSays(string method) =>
        RunAsync("lab", method, "--link", "af_xdp", "--transfer", "20M");

    [Theory]
    [InlineData("gre")]
    [InlineData("gue", "--tun-csum", "-6")]
    public Task Tunnel_OfEachType_IsAsTheTextbookSaysAndCarriesTransfers(string type, params string[] options) =>
        RunAsync(["lab", "tun", "--tun-type", type, "--transfer", "10M", .. options]);

    internal static async Task RunAsync(params string[] arguments)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "labs make network namespaces: they need root");
        using LabProcess lab = LabProcess.Start(arguments);
        int status = await lab.WaitAsync();
        status.ShouldBe(0, lab.Output);
    }
}
