namespace NetVS.Labs;

/// <summary>Two directors: one is killed under long downloads, and returns; every download arrives intact.</summary>
[Collection("labs")]
public sealed class FailoverLabTests
{
    [Fact]
    public Task Director_KilledUnderDownloads_IsFollowedByTheOtherOneAndReturns() => MethodLabTests.RunAsync("lab", "failover", "nat");

    [Theory]
    [InlineData("FULLNAT connections are not synchronised", "fullnat")]
    [InlineData("there is no lab 'failover ipsec'", "ipsec")]
    [InlineData("takes a method, -6 and --link only", "nat", "--keep")]
    public async Task Failover_OfWhatIsNotThere_IsRefused(string why, params string[] arguments)
    {
        using LabProcess lab = LabProcess.Start(["lab", "failover", .. arguments]);
        (await lab.WaitAsync()).ShouldBe(2);
        lab.Output.ShouldContain(why);
    }
}
