using System.Diagnostics;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>The program itself without the fast path, killed and ended: nothing of it stays, and the next one works.</summary>
public sealed class KilledDirectorTests : IDisposable
{
    private readonly NetworkNamespace _director;
    private readonly NetworkNamespace _peer;
    private readonly string _socket = Path.Combine(Path.GetTempPath(), $"netvs-{Guid.NewGuid():N}.sock");

    public KilledDirectorTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        _director = NetworkNamespace.Create("dir");
        _peer = NetworkNamespace.Create("peer");
        NetworkNamespace.Connect(_director, "f0", _peer, "p0");
        _director.Ip("addr add 192.0.2.1/24 dev f0");
    }

    [Theory]
    [InlineData("af_xdp")]
    [InlineData("af_packet")]
    public void Director_KilledOrEnded_LeavesNothing(string link)
    {
        string before = State();
        Process killed = StartReady(link);
        State().ShouldNotBe(before);
        killed.Kill();
        killed.WaitForExit();
        Patience.WaitFor(() => State() == before, "the kernel detaches what a dead process had attached");
        Process ended = StartReady(link);
        using (Process kill = Process.Start("kill", ["-TERM", ended.Id.ToString()])) kill.WaitForExit();
        ended.WaitForExit(20000).ShouldBeTrue();
        ended.ExitCode.ShouldBe(0);
        State().ShouldBe(before);
    }

    public void Dispose()
    {
        _director.Dispose();
        _peer.Dispose();
        File.Delete(_socket);
    }

    private string State() => _director.ReadLinks() + _director.Execute("tc", "qdisc show");

    private Process StartReady(string link)
    {
        // exec: the process that is killed is the director and not a program that waits for it.
        Process process = _director.Begin(DirectorProcess.Program, "run", "-i", "f0", "--socket", _socket, "--link", link, "--no-offload");
        string output = "";
        for (string? line; (line = process.StandardOutput.ReadLine()) is not null; output += line + "\n")
            if (line == "ready") return process;
        throw new InvalidOperationException($"not ready: {output}{process.StandardError.ReadToEnd()}");
    }
}
