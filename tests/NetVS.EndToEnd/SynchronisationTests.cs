using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>Two directors: what one forwards, the other goes on with when it is gone.</summary>
public sealed class SynchronisationTests : IDisposable
{
    private const int Downloads = 4;

    private readonly TwoDirectors _pair = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-sync-").FullName;

    private DirectorProcess Master => _pair.First;

    private DirectorProcess Backup => _pair.Second;

    public void Dispose()
    {
        _pair.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("-m", "224.0.0.90", "1")]
    [InlineData("-g", "ff02::90", "4")]
    public void Downloads_SurviveTheirDirector(string method, string group, string ports)
    {
        if (method == "-g") _pair.Lab.ReplyPastTheDirector();
        int port = _pair.Serve(method);
        foreach (DirectorProcess director in _pair.Both)
        {
            director.Start("-i", "f0,b0", "--hook", "tc");
            TwoDirectors.AddRules(director, method, port);
            director.Netvs("set", "sync_ports", ports);
        }

        Backup.Ipvsadm($"--start-daemon backup --mcast-interface b0 --syncid 7 --mcast-group {group} --mcast-port 9000");
        Master.Ipvsadm($"--start-daemon master --mcast-interface b0 --syncid 7 --mcast-group {group} --mcast-port 9000");
        using var downloads = new SlowDownload(_pair.Lab, LabNetwork.Vip, 80, Downloads);
        downloads.WaitUntilRunning();
        Patience.WaitFor(() => TwoDirectors.EstablishedIn(Backup) == Downloads, "the backup knows of every connection");
        Backup.Status().GetProperty("sync").GetProperty("counters").GetProperty("connections_made").GetInt64().ShouldBe(Downloads);
        Backup.Ipvsadm("-Ln").ShouldContain("2          0", Case.Sensitive, "each server has its two");

        Master.Kill();
        _pair.MoveTheAddresses();
        long[] at = downloads.Octets();
        Patience.WaitFor(() => downloads.Octets().Zip(at).All(o => o.First > o.Second + 200_000), "every download goes on at the other director", 30);
        TwoDirectors.EstablishedIn(Backup).ShouldBe(Downloads);
    }

    [Fact]
    public void Daemons_FollowAVrrpInstance_ThroughReloadFailoverAndReturn()
    {
        string first = WriteConfiguration(150, "id 7"), second = WriteConfiguration(100, "id 7");
        Master.Start("-i", "f0,b0", "--hook", "tc", "-f", first);
        Backup.Start("-i", "f0,b0", "--hook", "tc", "-f", second);
        AwaitDaemons(Master, "master", 7);
        AwaitDaemons(Backup, "backup", 7);

        WriteConfiguration(150, "");
        WriteConfiguration(100, "");
        Master.Netvs("reload");
        Backup.Netvs("reload");
        AwaitDaemons(Master, "master", 51);
        AwaitDaemons(Backup, "backup", 51);
        Master.Netvs("status").ShouldContain("became master 1, released 0");
        Master.Netvs("status").ShouldContain("follows VI (master): master on b0, syncid 51");

        Master.Kill();
        AwaitDaemons(Backup, "master", 51);
        Master.Start("-i", "f0,b0", "--hook", "tc", "-f", first);
        AwaitDaemons(Master, "master", 51);
        AwaitDaemons(Backup, "backup", 51);
        Master.Stop();
        AwaitDaemons(Backup, "master", 51);
        Backup.Stop();
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
        Patience.WaitFor(() => director.Ipvsadm("-L --daemon") == expected, $"the {role} runs with syncid {id}", 30);
    }

    [Fact]
    public void Daemons_AreStartedListedAndStopped_AsIpvsadmDoes()
    {
        Master.Start("-i", "f0,b0", "--hook", "tc");
        Master.Ipvsadm("--start-daemon backup --mcast-interface f0");
        Master.Ipvsadm("--start-daemon master --mcast-interface b0 --syncid 5 --mcast-ttl 3 --sync-maxlen 1400");
        Master.Ipvsadm("-L --daemon").ShouldBe(
            "master sync daemon (mcast=b0, syncid=5, maxlen=1400, group=224.0.0.81, port=8848, ttl=3)\n" +
            "backup sync daemon (mcast=f0, syncid=0, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)\n");
        Refused("--start-daemon master --mcast-interface b0").ShouldContain("Daemon has already run");
        Master.Ipvsadm("--stop-daemon master");
        Refused("--stop-daemon master").ShouldContain("No daemon is running");
        Refused("--start-daemon master --mcast-interface nosuch0").ShouldContain("No such device");
        Master.Ipvsadm("-L --daemon").ShouldStartWith("backup");
        Master.Netvs("status").ShouldContain("sync         backup on f0, syncid 0, 224.0.0.81 port 8848");
        Master.Stop();
    }

    private string Refused(string words) => Should.Throw<ShouldAssertException>(() => Master.Ipvsadm(words)).Message;
}
