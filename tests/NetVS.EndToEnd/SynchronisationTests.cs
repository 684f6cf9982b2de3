using System.Text.RegularExpressions;
using NetVS.Testing.Namespaces;

namespace NetVS.EndToEnd;

/// <summary>Two directors: what one forwards, the other goes on with when it is gone.</summary>
public sealed partial class SynchronisationTests : IDisposable
{
    private const string V4 = LabNetwork.Vip + ":80";
    private const int Downloads = 4;

    private readonly LabNetwork _lab = new();
    private readonly NetworkNamespace _second = NetworkNamespace.Create("dir2");
    private readonly DirectorProcess _master;
    private readonly DirectorProcess _backup;
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-sync-").FullName;

    public SynchronisationTests()
    {
        NetworkNamespace.Connect(_lab.Client, "c2", _second, "f0");
        _second.Ip("addr add 203.0.113.2/24 dev f0");
        NetworkNamespace.Connect(_lab.Switch, "d2", _second, "b0");
        _lab.Switch.Ip("link set d2 master br0");
        _second.Ip("addr add 192.168.1.3/24 dev b0");
        _second.SetSysctl("net.ipv4.ip_forward", "1");
        _master = new DirectorProcess(_lab.Director);
        _backup = new DirectorProcess(_second);
    }

    public void Dispose()
    {
        _master.Dispose();
        _backup.Dispose();
        _second.Dispose();
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void StartBoth(string method)
    {
        int port = method == "-g" ? 80 : 8080;
        for (int i = 0; i < 2; i++) _lab.Serve(_lab.Servers[i], $"rs{i}", port);
        foreach (DirectorProcess director in (DirectorProcess[])[_master, _backup])
        {
            director.Start("-i", "f0,b0", "--hook", "tc");
            director.Ipvsadm($"-A -t {V4} -s rr");
            for (int i = 0; i < 2; i++) director.Ipvsadm($"-a -t {V4} -r 192.168.1.1{i}:{port} {method}");
        }
    }

    /// <summary>The first director's wires are cut, and its addresses are the second's.</summary>
    private void MoveTheVip()
    {
        _lab.Director.Ip("link set f0 down");
        _lab.Director.Ip("link set b0 down");
        _second.Ip($"addr add {LabNetwork.Vip}/32 dev f0");
        _lab.Client.Ip($"route add {LabNetwork.Vip}/32 dev c2 src 203.0.113.7");
        foreach (NetworkNamespace server in _lab.Servers)
            if (server.Ip("route show default").Contains("192.168.1.1 ")) server.Ip("route replace default via 192.168.1.3");
    }

    private static int EstablishedIn(DirectorProcess director) => Established().Count(director.Ipvsadm("-Lcn"));

    [Theory]
    [InlineData("-m", "224.0.0.90", "1")]
    [InlineData("-g", "ff02::90", "4")]
    public void Downloads_SurviveTheirDirector(string method, string group, string ports)
    {
        if (method == "-g") _lab.ReplyPastTheDirector();
        StartBoth(method);
        foreach (DirectorProcess director in (DirectorProcess[])[_master, _backup]) director.Netvs("set", "sync_ports", ports);
        _backup.Ipvsadm($"--start-daemon backup --mcast-interface b0 --syncid 7 --mcast-group {group} --mcast-port 9000");
        _master.Ipvsadm($"--start-daemon master --mcast-interface b0 --syncid 7 --mcast-group {group} --mcast-port 9000");
        using var downloads = new SlowDownload(_lab, LabNetwork.Vip, 80, Downloads);
        downloads.WaitUntilRunning();
        LabNetwork.WaitFor(() => EstablishedIn(_backup) == Downloads, "the backup knows of every connection");
        _backup.Status().GetProperty("sync").GetProperty("counters").GetProperty("connections_made").GetInt64().ShouldBe(Downloads);
        _backup.Ipvsadm("-Ln").ShouldContain("2          0", Case.Sensitive, "each server has its two");

        _master.Kill();
        MoveTheVip();
        long[] at = downloads.Octets();
        LabNetwork.WaitFor(() => downloads.Octets().Zip(at).All(o => o.First > o.Second + 200_000), "every download goes on at the other director", 30);
        EstablishedIn(_backup).ShouldBe(Downloads);
    }

    [Fact]
    public void Daemons_FollowAVrrpInstance_ThroughReloadFailoverAndReturn()
    {
        string first = WriteConfiguration(150, "id 7"), second = WriteConfiguration(100, "id 7");
        _master.Start("-i", "f0,b0", "--hook", "tc", "-f", first);
        _backup.Start("-i", "f0,b0", "--hook", "tc", "-f", second);
        AwaitDaemons(_master, "master", 7);
        AwaitDaemons(_backup, "backup", 7);

        WriteConfiguration(150, "");
        WriteConfiguration(100, "");
        _master.Netvs("reload");
        _backup.Netvs("reload");
        AwaitDaemons(_master, "master", 51);
        AwaitDaemons(_backup, "backup", 51);
        _master.Netvs("status").ShouldContain("became master 1, released 0");
        _master.Netvs("status").ShouldContain("follows VI (master): master on b0, syncid 51");

        _master.Kill();
        AwaitDaemons(_backup, "master", 51);
        _master.Start("-i", "f0,b0", "--hook", "tc", "-f", first);
        AwaitDaemons(_master, "master", 51);
        AwaitDaemons(_backup, "backup", 51);
        _master.Stop();
        AwaitDaemons(_backup, "master", 51);
        _backup.Stop();
    }

    private string WriteConfiguration(int priority, string id)
    {
        string file = Path.Combine(_folder, $"{priority}.conf");
        File.WriteAllText(file, $$"""
            global_defs {
                lvs_sync_daemon b0 inst VI {{id}} maxlen 1400 port 9000 ttl 2 group 224.0.0.91
            }
            vrrp_instance VI {
                interface b0
                virtual_router_id 51
                priority {{priority}}
                version 3
                advert_int 0.1
                virtual_ipaddress {
                    192.168.1.254/24
                }
            }

            """);
        return file;
    }

    private static void AwaitDaemons(DirectorProcess director, string role, int id)
    {
        string expected = $"{role} sync daemon (mcast=b0, syncid={id}, maxlen=1400, group=224.0.0.91, port=9000, ttl=2)\n";
        LabNetwork.WaitFor(() => director.Ipvsadm("-L --daemon") == expected, $"the {role} runs with syncid {id}", 30);
    }

    [Fact]
    public void Daemons_AreStartedListedAndStopped_AsIpvsadmDoes()
    {
        _master.Start("-i", "f0,b0", "--hook", "tc");
        _master.Ipvsadm("--start-daemon backup --mcast-interface f0");
        _master.Ipvsadm("--start-daemon master --mcast-interface b0 --syncid 5 --mcast-ttl 3 --sync-maxlen 1400");
        _master.Ipvsadm("-L --daemon").ShouldBe(
            "master sync daemon (mcast=b0, syncid=5, maxlen=1400, group=224.0.0.81, port=8848, ttl=3)\n" +
            "backup sync daemon (mcast=f0, syncid=0, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)\n");
        Refused("--start-daemon master --mcast-interface b0").ShouldContain("Daemon has already run");
        _master.Ipvsadm("--stop-daemon master");
        Refused("--stop-daemon master").ShouldContain("No daemon is running");
        Refused("--start-daemon master --mcast-interface nosuch0").ShouldContain("No such device");
        _master.Ipvsadm("-L --daemon").ShouldStartWith("backup");
        _master.Netvs("status").ShouldContain("sync         backup on f0, syncid 0, 224.0.0.81 port 8848");
        _master.Stop();
    }

    private string Refused(string words) => Should.Throw<ShouldAssertException>(() => _master.Ipvsadm(words)).Message;

    [GeneratedRegex("ESTABLISHED")]
    private static partial Regex Established();
}
