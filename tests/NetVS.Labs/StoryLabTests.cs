namespace NetVS.Labs;

/// <summary>The labs that show something else than a method's hops: marks, path MTU, the kernel's selftest, a short soak.</summary>
[Collection("labs")]
public sealed class StoryLabTests
{
    [Theory]
    [InlineData("fwmark")]
    [InlineData("fwmark", "-6")]
    [InlineData("selftest")]
    [InlineData("soak", "--duration", "12", "--rate", "100", "--settle", "1", "--seed", "7")]
    public Task Story_IsAsItShouldBe(string story, params string[] arguments) => MethodLabTests.RunAsync(["lab", story, .. arguments]);

    [Theory]
    [InlineData("dr")]
    [InlineData("nat")]
    [InlineData("tun", "-6")]
    [InlineData("fullnat")]
    public Task Download_ThroughANarrowLink_DoesNotStall(string method, params string[] arguments) => MethodLabTests.RunAsync(["lab", "pmtu", method, .. arguments]);

    [Theory]
    [InlineData("'netvs lab selftest' is IPv4", "selftest", "-6")]
    [InlineData("'netvs lab fwmark' takes -6 and --link only", "fwmark", "--keep")]
    [InlineData("'netvs lab soak' takes --duration, --rate, --seed, --settle, --no-offload and --link only, not '-6'", "soak", "-6")]
    [InlineData("--rate can be 500 at most", "soak", "--rate", "501")]
    [InlineData("there is no lab 'pmtu ipsec': nat, dr, tun, fullnat", "pmtu", "ipsec")]
    public async Task Story_OfWhatIsNotThere_IsRefused(string why, params string[] arguments)
    {
        using LabProcess lab = LabProcess.Start(["lab", .. arguments]);
        (await lab.WaitAsync()).ShouldBe(2);
        lab.Output.ShouldContain(why);
    }
}
