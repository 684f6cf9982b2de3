namespace NetVS.Labs;

/// <summary>Two directors: one is killed under long downloads, and returns; every download arrives intact.</summary>
[Collection("labs")]
public sealed class FailoverLabTests
{
    [Fact]
    public Task Director_KilledUnderDownloads_IsFollowedByTheOtherOneAndReturns() => MethodLabTests.RunAsync("lab", "failover", "nat");

    [Fact]
    public Task FullNat_ToldByThePeerChannel_GoesOnToo() => MethodLabTests.RunAsync("lab", "failover", "fullnat");

    [Theory]
    [InlineData("cannot be told by multicast", "fullnat", "--sync", "multicast")]
    [InlineData("there is no synchronisation 'both'", "nat", "--sync", "both")]
    [InlineData("there is no lab 'failover ipsec'", "ipsec")]
    [InlineData("takes a method, --sync, --repeat, -6 and --link only", "nat", "--keep")]
    public async Task Failover_OfWhatIsNotThere_IsRefused(string why, params string[] arguments)
    {
        using LabProcess lab = LabProcess.Start(["lab", "failover", .. arguments]);
        (await lab.WaitAsync()).ShouldBe(2);
        lab.Output.ShouldContain(why);
    }
}
