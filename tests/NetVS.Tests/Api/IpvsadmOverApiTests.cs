using NetVS.Director.Connections;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Tests.Api;

/// <summary>ipvsadm through the socket: the whole way from words to the director and back.</summary>
public sealed class IpvsadmOverApiTests : IAsyncLifetime
{
    private TestDaemon _daemon = null!;

    public async ValueTask InitializeAsync() => _daemon = await TestDaemon.StartAsync();

    public ValueTask DisposeAsync() => _daemon.DisposeAsync();

    private async Task ShouldDo(string line) => (await _daemon.Ipvsadm(line)).ShouldBe((0, "", ""), line);

    [Fact]
    public async Task Commands_Carried_AreListedAndSaved()
    {
        await ShouldDo("-A -t 192.0.2.10:80 -s wrr");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.1:8080 -m -w 3 -x 100 -y 50");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.2 -g");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.3 -i");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.4:81 -b");
        await ShouldDo("-P -t 192.0.2.10:80 -z 10.0.0.200");
        await ShouldDo("-A -u [2001:db8::1]:53 -s sh -b sh-port,sh-fallback");
        await ShouldDo("-a -u [2001:db8::1]:53 -r [2001:db8::a]:53 -m");
        (await _daemon.Ipvsadm("-L -n")).ShouldBe((0,
            "IP Virtual Server version 1.2.1 (size=4096)\n" +
            "Prot LocalAddress:Port Scheduler Flags\n" +
            "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n" +
            "TCP  192.0.2.10:80 wrr\n" +
            "  -> 10.0.0.1:8080                Masq    3      0          0         \n" +
            "  -> 10.0.0.2:80                  Route   1      0          0         \n" +
            "  -> 10.0.0.3:80                  Tunnel  1      0          0         \n" +
            "  -> 10.0.0.4:81                  FullNat 1      0          0         \n" +
            "UDP  [2001:db8::1]:53 sh (sh-fallback,sh-port)\n" +
            "  -> [2001:db8::a]:53             Masq    1      0          0         \n", ""));
        string saved = (await _daemon.Ipvsadm("-S -n")).Output;
        saved.ShouldBe(
            "-A -t 192.0.2.10:80 -s wrr\n" +
            "-a -t 192.0.2.10:80 -r 10.0.0.1:8080 -m -w 3\n" +
            "-a -t 192.0.2.10:80 -r 10.0.0.2:80 -g -w 1\n" +
            "-a -t 192.0.2.10:80 -r 10.0.0.3:80 -i -w 1 --tun-type ipip\n" +
            "-a -t 192.0.2.10:80 -r 10.0.0.4:81 -b -w 1\n" +
            "-P -t 192.0.2.10:80 -z 10.0.0.200\n" +
            "-A -u [2001:db8::1]:53 -s sh -b sh-fallback,sh-port\n" +
            "-a -u [2001:db8::1]:53 -r [2001:db8::a]:53 -m -w 1\n");
        (await _daemon.Ipvsadm("-L -n --thresholds -t 192.0.2.10:80")).Output
            .ShouldContain("  -> 10.0.0.1:8080                100        50         0          0         \n");
        await ShouldDo("-C");
        (await _daemon.Ipvsadm("-R", saved)).ShouldBe((0, "", ""));
        (await _daemon.Ipvsadm("-S -n")).Output.ShouldBe(saved);
    }

    [Fact]
    public async Task Edits_AndDeletions_TakeEffect()
    {
        await ShouldDo("-A -t 192.0.2.10:80 -s rr");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.1 -m");
        await ShouldDo("-E -t 192.0.2.10:80 -s lc");
        await ShouldDo("-e -t 192.0.2.10:80 -r 10.0.0.1 -m -w 9");
        (await _daemon.Ipvsadm("-S -n")).Output.ShouldBe("-A -t 192.0.2.10:80 -s lc\n-a -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 9\n");
        await ShouldDo("-d -t 192.0.2.10:80 -r 10.0.0.1");
        await ShouldDo("-D -t 192.0.2.10:80");
        (await _daemon.Ipvsadm("-S -n")).Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("-A -t 192.0.2.10:80", "Service already exists\n")]
    [InlineData("-A -t 192.0.2.11:80 -s nosuch", "Scheduler or persistence engine not found\n")]
    [InlineData("-E -t 192.0.2.99:80", "No such service\n")]
    [InlineData("-D -t 192.0.2.99:80", "No such service\n")]
    [InlineData("-Z -t 192.0.2.99:80", "No such service\n")]
    [InlineData("-a -t 192.0.2.99:80 -r 10.0.0.1", "Service not defined\n")]
    [InlineData("-a -t 192.0.2.10:80 -r 10.0.0.1", "Destination already exists\n")]
    [InlineData("-a -t 192.0.2.10:80 -r 224.0.0.1", "Invalid operation.  Possibly wrong module version, address not unicast, ...\n")]
    [InlineData("-a -t 192.0.2.10:80 -r 10.0.0.2 -y 5", "Numerical result out of range\n")]
    [InlineData("-e -t 192.0.2.10:80 -r 10.0.0.9", "No such destination\n")]
    [InlineData("-d -t 192.0.2.10:80 -r 10.0.0.9", "No such destination\n")]
    [InlineData("-Q -t 192.0.2.10:80 -z 10.0.0.9", "No such local address\n")]
    [InlineData("--stop-daemon master", "No daemon is running\n")]
    public async Task Refusals_ByTheDirector_ChangeNothing(string line, string error)
    {
        await ShouldDo("-A -t 192.0.2.10:80 -s rr");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.1 -m");
        string before = (await _daemon.Ipvsadm("-S -n")).Output;
        (await _daemon.Ipvsadm(line)).ShouldBe((255, "", error));
        (await _daemon.Ipvsadm("-S -n")).Output.ShouldBe(before);
    }

    [Theory]
    [InlineData("-A -t 192.0.2.11:80 --pe sip")]
    public async Task WhatWouldDoNothing_IsRefusedPlainlyAndChangesNothing(string line)
    {
        await ShouldDo("-A -t 192.0.2.10:80 -s rr");
        string before = (await _daemon.Ipvsadm("-S -n")).Output;
        (int status, string output, string error) = await _daemon.Ipvsadm(line);
        status.ShouldBe(255);
        output.ShouldBeEmpty();
        error.ShouldStartWith("Operation not supported: ");
        error.ShouldContain("is of use for persistence only");
        (await _daemon.Ipvsadm("-S -n")).Output.ShouldBe(before);
    }

    [Theory]
    [InlineData("--start-daemon master --mcast-interface nosuch0", "No such device\n")]
    [InlineData("--start-daemon backup --mcast-interface nosuch0 --mcast-group ff02::1", "No such device\n")]
    [InlineData("--stop-daemon master", "No daemon is running\n")]
    [InlineData("--stop-daemon backup --syncid 3", "No daemon is running\n")]
    public async Task SyncDaemons_WhereThereIsNoInterface_AreRefusedAsByIpvsadm(string line, string error)
    {
        (await _daemon.Ipvsadm(line)).ShouldBe((255, "", error));
        (await _daemon.Ipvsadm("-L --daemon")).ShouldBe((0, "", ""));
    }

    [Fact]
    public async Task Tunnels_OfEveryType_AreTakenShownAndSaved()
    {
        await ShouldDo("-A -t 192.0.2.10:80 -s rr");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.2 -i");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.3 -i --tun-type gre --tun-csum");
        await ShouldDo("-a -t 192.0.2.10:80 -r 10.0.0.4 -i --tun-type gue --tun-port 6080 --tun-remcsum");
        await ShouldDo("-a -t 192.0.2.10:80 -r 2001:db8::1 -i --tun-type gue --tun-port 6081");
        (await _daemon.Ipvsadm("-L -n --tun-info -t 192.0.2.10:80")).Output.ShouldBe(
            "Prot LocalAddress:Port Scheduler Flags\n" +
            "  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn\n" +
            "TCP  192.0.2.10:80 rr\n" +
            "  -> 10.0.0.2:80                  Tunnel  ipip          1      0          0         \n" +
            "  -> 10.0.0.3:80                  Tunnel  gre:+c        1      0          0         \n" +
            "  -> 10.0.0.4:80                  Tunnel  gue:6080:r+c  1      0          0         \n" +
            "  -> [2001:db8::1]:80             Tunnel  gue:6081:-c   1      0          0         \n");
        string saved = (await _daemon.Ipvsadm("-S -n")).Output;
        saved.ShouldContain("-a -t 192.0.2.10:80 -r 10.0.0.2:80 -i -w 1 --tun-type ipip\n");
        saved.ShouldContain("-a -t 192.0.2.10:80 -r 10.0.0.3:80 -i -w 1 --tun-type gre --tun-csum\n");
        saved.ShouldContain("-a -t 192.0.2.10:80 -r 10.0.0.4:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum\n");
        saved.ShouldContain("-a -t 192.0.2.10:80 -r [2001:db8::1]:80 -i -w 1 --tun-type gue --tun-port 6081 --tun-nocsum\n");
    }

    [Fact]
    public async Task Timeouts_Set_KeepThoseThatAreZero()
    {
        (await _daemon.Ipvsadm("-L --timeout")).Output.ShouldBe("Timeout (tcp tcpfin udp): 900 120 300\n");
        await ShouldDo("--set 0 60 0");
        await ShouldDo("--set 1000 0 0");
        (await _daemon.Ipvsadm("-L --timeout")).Output.ShouldBe("Timeout (tcp tcpfin udp): 1000 60 300\n");
    }

    [Fact]
    public async Task Connections_OfSeveralWorkersOverPages_AreAllListed()
    {
        static IpEndpoint At(int host, int port) => new(Ipv4Address.Of(198, 51, 100, (byte)host), (ushort)port);
        _daemon.Connections.Add([]);
        for (int i = 0; i < 12_000; i++)
        {
            _daemon.Connections[i % 2].Add(new ConnectionView(
                IpProtocol.Tcp, At(7, i), At(80, 80), default, At(9, 8080), ForwardingMethod.Nat, "ESTABLISHED", TimeSpan.FromSeconds(899.7), true));
        }

        string[] lines = (await _daemon.Ipvsadm("-L -n -c")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(12_002);
        lines.Skip(2).Distinct().Count().ShouldBe(12_000);
        lines[2].ShouldBe("TCP 14:59  ESTABLISHED 198.51.100.7:0     198.51.100.80:80   198.51.100.9:8080");
    }
}
