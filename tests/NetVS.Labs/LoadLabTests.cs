namespace NetVS.Labs;

/// <summary>Many clients at once, and real servers that leave and return meanwhile.</summary>
[Collection("labs")]
public sealed class LoadLabTests
{
    [Fact]
    public Task ThousandClients_ForAMinute_LoseNoRequest() =>
        MethodLabTests.RunAsync("lab", "nat", "--clients", "1000", "--duration", "60");

    [Theory]
    [InlineData("dr")]
    [InlineData("nat")]
    [InlineData("tun")]
    [InlineData("fullnat")]
    public Task RealServer_LeavesAndReturnsUnderLoad_OnlyItsOwnConnectionsAreLost(string method) =>
        MethodLabTests.RunAsync("lab", method, "--clients", "500", "--duration", "15", "--churn");
}
