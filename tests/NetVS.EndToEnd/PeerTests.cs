using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>The peer channel between two daemons: full transfer, repair, strangers, FULLNAT.</summary>
public sealed class PeerTests : IDisposable
{
    private const int Many = 10_000, Downloads = 3;

    private readonly TwoDirectors _pair = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-peer-").FullName;

    public void Dispose()
    {
        _pair.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Key(string name)
    {
        string file = Path.Combine(_folder, name);
        if (!File.Exists(file)) _pair.First.Netvs("sync", "key", file);
        return file;
    }

    private void Start(DirectorProcess director, string key = "key", params string[] more)
    {
        (string own, string other) = director == _pair.First ? ("192.168.1.1", "192.168.1.3") : ("192.168.1.3", "192.168.1.1:8849");
        director.Start(["-i", "f0,b0", "--hook", "tc", "--sync-key", Key(key), "--sync-listen", own, "--sync-peer", other, .. more]);
    }

    private static JsonElement Heard(DirectorProcess director) => director.Status().GetProperty("sync").GetProperty("peers").GetProperty("channels")
        .EnumerateArray().Single(c => c.GetProperty("direction").GetString() == "heard");

    private static bool Follows(DirectorProcess director, int transfers) =>
        Heard(director) is var heard && heard.GetProperty("state").GetString() == "following" && heard.GetProperty("transfers").GetInt32() >= transfers;

    private void SendDatagrams(int from, int count, int each = 1) => _pair.Lab.Client.Run(() =>
    {
        for (int port = from; port < from + count; port++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));

            // Unconnected, so that nobody's refusal is an error here.
            for (int i = 0; i < each; i++) socket.SendTo([1], new IPEndPoint(IPAddress.Parse(LabNetwork.Vip), 53));
        }
    });

    [Fact]
    public void LateBackup_GetsTenThousand_AndWhatBreaksIsRepaired()
    {
        Start(_pair.First);
        string rules = Path.Combine(_folder, "rules");
        File.WriteAllText(rules, $"-A -u {LabNetwork.Vip}:53 -s rr\n-a -u {LabNetwork.Vip}:53 -r 192.168.1.10:53 -m\n");
        _pair.First.Ipvsadm($"-A -u {LabNetwork.Vip}:53 -s rr");
        _pair.First.Ipvsadm($"-a -u {LabNetwork.Vip}:53 -r 192.168.1.10:53 -m");
        for (int from = 20_000; from < 20_000 + Many; from += 500)
        {
            Patience.WaitFor(
                () =>
                {
                    SendDatagrams(from, 500);
                    return Connections(_pair.First) >= from + 500 - 20_000;
                }, "the datagrams' connections", 30);
        }

        Start(_pair.Second, "key", "--rules", rules);
        Connections(_pair.Second).ShouldBe(Many, "ready is who has been told everything");
        Heard(_pair.Second).GetProperty("transferred").GetInt64().ShouldBe(Many);

        SendDatagrams(40_000, 1, each: 3);
        Patience.WaitFor(() => Connections(_pair.Second) == Many + 1, "what begins later follows", 20);

        // The stream is reset; what happens meanwhile is told anew.
        Filter("add table inet peers");
        Filter("add chain inet peers out { type filter hook output priority 0; }");
        Filter("add rule inet peers out tcp dport 8849 reject with tcp reset");
        Patience.WaitFor(() => Heard(_pair.Second).GetProperty("state").GetString() == "connecting", "the break is seen", 30);
        SendDatagrams(40_001, 10, each: 3);
        Filter("delete table inet peers");
        Patience.WaitFor(() => Follows(_pair.Second, 2) && Connections(_pair.Second) == Many + 11, "all is well again", 60);
        _pair.Second.Netvs("status").ShouldContain("heard from 192.168.1.1:8849: following");
        _pair.First.Netvs("status").ShouldContain("told to 192.168.1.3:");
    }

    private void Filter(string line) => _pair.SecondHost.Execute("nft", line);

    private static long Connections(DirectorProcess director) => director.Status().GetProperty("connections").GetInt64();

    [Fact]
    public void Stranger_WithAnotherKey_IsRefused()
    {
        Start(_pair.First);
        Start(_pair.Second, "stranger");
        Patience.WaitFor(() => Heard(_pair.Second).GetProperty("last_error").GetString()!.Contains("does not hold the same key"), "it is told why", 30);
        Patience.WaitFor(() => _pair.First.Netvs("status").Contains("refused last: 192.168.1.3:"), "and so is who refused it", 30);
        Heard(_pair.Second).GetProperty("transfers").GetInt32().ShouldBe(0);
        _pair.First.Status().GetProperty("sync").GetProperty("peers").GetProperty("channels").GetArrayLength().ShouldBe(1, "nobody is told");
    }

    [Fact]
    public void FullNatDownloads_SurviveKilledDirector_AndItLearnsThemWhenItReturns()
    {
        int port = _pair.Serve("-b");
        foreach (DirectorProcess director in _pair.Both)
        {
            Start(director);
            TwoDirectors.AddRules(director, "-b", port);
        }

        using var downloads = new SlowDownload(_pair.Lab, LabNetwork.Vip, 80, Downloads);
        downloads.WaitUntilRunning();
        Patience.WaitFor(() => TwoDirectors.EstablishedIn(_pair.Second) == Downloads, "the other one knows every connection", 30);
        _pair.First.Kill();
        _pair.MoveTheAddresses();
        long[] at = downloads.Octets();
        Patience.WaitFor(() => downloads.Octets().Zip(at).All(o => o.First > o.Second + 200_000), "every download goes on at the other director", 30);

        // The first returns, with its inner wire only, and hears everything before it is ready.
        _pair.Lab.Director.Ip("link set b0 up");
        _pair.Lab.Director.Ip($"addr del {TwoDirectors.Local}/24 dev b0");
        string rules = Path.Combine(_folder, "rules");
        File.WriteAllText(rules, _pair.Second.Ipvsadm("-Sn"));
        DirectorPins.Remove(_pair.First.Socket);
        Start(_pair.First, "key", "--rules", rules);
        TwoDirectors.EstablishedIn(_pair.First).ShouldBe(Downloads);
    }
}
