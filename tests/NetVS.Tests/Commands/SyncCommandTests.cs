using System.Net;
using NetVS.Commands;

namespace NetVS.Tests.Commands;

/// <summary>The key, and the options of <c>netvs run</c> that use it.</summary>
public sealed class SyncCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Task<(int Status, string Output, string Error)> Run(params string[] words) => NetVSProgram.RunAsync("/nonexistent", words);

    [Fact]
    public async Task Key_IsMadeOnce_AndADaemonWithAnotherOneDoesNotStart()
    {
        string key = Path.Combine(_folder, "key");
        (await Run("sync", "key", key)).ShouldBe((0, "", ""));
        (int status, _, string error) = await Run("sync", "key", key);
        (status, error).ShouldBe((1, $"netvs: {key} is there already: a key is not overwritten: take another name, or remove it first\n"));
        (await Run("sync", "lock", key)).Status.ShouldBe(2);
        (await Run("sync", "key")).Status.ShouldBe(2);

        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        (status, _, error) = await Run("run", "--socket", Path.Combine(_folder, "s"), "--sync-key", key, "--sync-listen", "127.0.0.1");
        status.ShouldBe(1);
        error.ShouldStartWith($"netvs: the key {key} is open to others than its owner: 'chmod 600 {key}'");
        File.Exists(Path.Combine(_folder, "s")).ShouldBeFalse("nothing was begun");
    }

    [Fact]
    public void RunOptions_NamePeers_WithAndWithoutPorts()
    {
        RunOptions.Parse(
            ["--sync-key", "k", "--sync-listen", "10.0.0.1", "--sync-peer", "10.0.0.2:9", "--sync-peer=fd00::2", "--sync-peer", "[fd00::3]:10"], out RunOptions options).ShouldBeNull();
        options.SyncListen.ShouldBe(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 8849));
        options.SyncPeers.Select(p => p.ToString()).ShouldBe(["10.0.0.2:9", "[fd00::2]:8849", "[fd00::3]:10"]);
    }

    [Theory]
    [InlineData("need --sync-key", "--sync-peer", "10.0.0.2")]
    [InlineData("need --sync-key", "--sync-listen", "10.0.0.2")]
    [InlineData("does nothing", "--sync-key", "k")]
    [InlineData("'10.1' is no ADDRESS", "--sync-key", "k", "--sync-listen", "10.1")]
    [InlineData("'host' is no ADDRESS", "--sync-key", "k", "--sync-peer", "host")]
    [InlineData("'10.0.0.2:0' is no ADDRESS", "--sync-key", "k", "--sync-peer", "10.0.0.2:0")]
    [InlineData("'10.0.0.2:70000' is no ADDRESS", "--sync-key", "k", "--sync-peer", "10.0.0.2:70000")]
    [InlineData("given twice", "--sync-key", "k", "--sync-peer", "10.0.0.2", "--sync-peer", "10.0.0.2:8849")]
    [InlineData("--sync-listen is given twice", "--sync-key", "k", "--sync-listen", "10.0.0.2", "--sync-listen", "10.0.0.3")]
    public void RunOptions_ThatMakeNoSense_AreRefused(string why, params string[] words) => RunOptions.Parse(words, out _).ShouldNotBeNull().ShouldContain(why);
}
