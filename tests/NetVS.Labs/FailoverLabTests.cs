namespace NetVS.Labs;

/// <summary>Two directors: one is killed under long downloads, and returns; every download arrives intact.</summary>
[Collection("labs")]
public sealed class FailoverLabTests
{
    [Theory]
    [InlineData("nat")]
    [InlineData("dr", "-6")]
    public Task Director_KilledUnderDownloads_IsFollowedByTheOtherOne(params string[] arguments) => MethodLabTests.RunAsync(["lab", "failover", .. arguments]);
}
