using System.Text.RegularExpressions;

namespace NetVS.EndToEnd;

/// <summary>A client keeps its real server, on every port, in the fast path, and under the next director.</summary>
public sealed partial class PersistenceTests : IDisposable
{
    private readonly LabNetwork _lab = new();
    private readonly DirectorProcess _director;

    public PersistenceTests() => _director = new DirectorProcess(_lab.Director);

    public void Dispose()
    {
        _director.Dispose();
        _lab.Dispose();
    }

    [Fact]
    public void Client_KeepsItsServer_OnEveryPort_AndUnderTheNextDirector()
    {
        for (int i = 0; i < 2; i++)
        {
            _lab.Serve(_lab.Servers[i], $"rs{i}", 80);
            _lab.Serve(_lab.Servers[i], $"rs{i}", 8443);
        }

        _director.Start("-i", "f0,b0", "--hook", "tc");
        _director.Ipvsadm($"-A -t {LabNetwork.Vip}:0 -s rr -p 90");
        for (int i = 0; i < 2; i++) _director.Ipvsadm($"-a -t {LabNetwork.Vip}:0 -r 192.168.1.1{i}:0 -m");

        string[] asked = [.. Enumerable.Range(0, 8).Select(i => Name(i % 2 == 0 ? 80 : 8443))];
        asked.Distinct().Count().ShouldBe(1, string.Join(' ', asked));
        Template().Count(_director.Ipvsadm("-Lcn")).ShouldBe(1, _director.Ipvsadm("-Lcn"));
        string kept = asked[0] == "rs0" ? "192.168.1.10" : "192.168.1.11";
        Regex.IsMatch(_director.Ipvsadm("-Ln --persistent-conn"), $@"-> {Regex.Escape(kept)}:0\s+1\s+1\s").ShouldBeTrue(_director.Ipvsadm("-Ln --persistent-conn"));

        using var download = new SlowDownload(_lab, LabNetwork.Vip, 80, 1);
        download.Names[0].ShouldBe(asked[0]);
        download.WaitUntilRunning();
        _director.Kill();
        _director.Start("-i", "f0,b0", "--hook", "tc");
        for (int i = 0; i < 6; i++) Name(i % 2 == 0 ? 80 : 8443).ShouldBe(asked[0], "under the next director");
    }

    private string Name(int port) => _lab.Get(LabNetwork.Vip, port).Line.Split(' ')[0];

    [GeneratedRegex(@"TCP 01:\d\d\s+ASSURED\s+\S+:0\s")]
    private static partial Regex Template();
}
