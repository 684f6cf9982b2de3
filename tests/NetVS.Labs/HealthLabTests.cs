namespace NetVS.Labs;

/// <summary>Health checks end to end: real web servers end and begin again, clients are sent where an answer is.</summary>
[Collection("labs")]
public sealed class HealthLabTests
{
    [Theory]
    [InlineData("--link", "auto")]
    [InlineData("-6")]
    public Task Servers_ThatEnd_Leave_AndTheSorryServerTakesOver(params string[] arguments) => MethodLabTests.RunAsync(["lab", "health", .. arguments]);
}
