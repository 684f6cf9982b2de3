using NetVS.Control.Status;
using NetVS.Failover.Tests.Scripts;
using NetVS.Scripts;

namespace NetVS.Failover.Tests.Running;

/// <summary>What NetVS does by itself, on a real host.</summary>
public sealed class OwnTests : IDisposable
{
    private const string Fast = "version 3\n advert_int 0.1\n garp_master_delay 0";
    private readonly VrrpPair _pair = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-vrrp-own-").FullName;

    public void Dispose()
    {
        _pair.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Interface_ThatIsMissing_IsFaultAndThenNot()
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, Fast, "192.0.2.100/24").Replace("interface e0", "interface late0", StringComparison.Ordinal));
        _pair.Status().ShouldContain("FAULT: interface late0 is missing");
        _pair.Own.Ip("link add late0 type veth peer name late1");
        _pair.Own.Ip("link set late1 up");
        _pair.Own.Ip("link set late0 up");
        _pair.Own.Ip("addr add 198.51.100.1/24 dev late0");
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master on the interface that came", _pair.Status);
        _pair.Own.Ip("link del late0");
        VrrpPair.WaitFor(() => _pair.Status().Contains("FAULT: interface late0", StringComparison.Ordinal), "it is in FAULT again", _pair.Status);
    }

    [Fact]
    public void Addresses_OfAllKinds_ComeAndGoWithTheMaster()
    {
        string text = VrrpPair.Instance("V", 51, 100,
            $"{Fast}\n virtual_ipaddress_excluded {{\n 2001:db8::7/64\n 198.51.100.7/32 dev lo scope link\n }}\n virtual_routes {{\n 10.9.0.0/16 via 192.0.2.254 dev e0 metric 5\n }}\n virtual_rules {{\n from 192.0.2.100 lookup 100 preference 77\n }}",
            "192.0.2.100/24 brd + label e0:v");
        _pair.StartOwn(text);
        VrrpPair.WaitFor(() => _pair.Own.Ip("rule").Contains("77:", StringComparison.Ordinal), "the last thing is in place", () => _pair.Log);
        _pair.Own.Ip("-4 addr show dev e0").ShouldContain("192.0.2.100/24 brd 192.0.2.255 scope global secondary e0:v");
        _pair.Own.Ip("addr show dev lo").ShouldContain("198.51.100.7/32 scope link lo");
        _pair.OwnHas("2001:db8::7").ShouldBeTrue();
        _pair.Own.Ip("route").ShouldContain("10.9.0.0/16 via 192.0.2.254 dev e0 proto keepalived metric 5");
        _pair.Own.Ip("rule").ShouldContain("from 192.0.2.100 lookup 100 proto keepalived");
        _pair.StopOwn();
        _pair.Own.Ip("addr").ShouldNotContain("192.0.2.100");
        _pair.Own.Ip("addr").ShouldNotContain("2001:db8::7");
        _pair.Own.Ip("route").ShouldNotContain("10.9.0.0");
        _pair.Own.Ip("rule").ShouldNotContain("77:");
    }

    [Fact]
    public void LeftoversOfAKilledDirector_GoBeforeItIsMaster_WhateverTheirPrefixes()
    {
        // A better router has the addresses meanwhile: this one must not have them too.
        _pair.StartKeepalived(VrrpPair.Instance("V", 51, 150, Fast, "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OtherHas("192.0.2.100"), "keepalived is master");
        _pair.Own.Ip("addr add 192.0.2.100/32 dev e0");
        _pair.Own.Ip("addr add 2001:db8::7/128 dev e0 nodad");
        _pair.Own.Ip("route add 10.9.0.0/16 via 192.0.2.254 dev e0 proto keepalived metric 5");
        _pair.Own.Ip("rule add from 192.0.2.100 lookup 100 preference 77 protocol keepalived");
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100,
            $"{Fast}\n virtual_ipaddress_excluded {{\n 2001:db8::7/64\n }}\n virtual_routes {{\n 10.9.0.0/16 via 192.0.2.254 dev e0 metric 5\n }}\n virtual_rules {{\n from 192.0.2.100 lookup 100 preference 77\n }}",
            "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.Status().Contains("master 192.0.2.2", StringComparison.Ordinal), "it follows keepalived", _pair.Status);
        _pair.OwnHas("192.0.2.100").ShouldBeFalse(_pair.Log);
        _pair.OwnHas("2001:db8::7").ShouldBeFalse(_pair.Log);
        _pair.Own.Ip("route").ShouldNotContain("10.9.0.0");
        _pair.Own.Ip("rule").ShouldNotContain("77:");
        _pair.Log.ShouldContain("removed 192.0.2.100/32, which was there already");
        _pair.StopKeepalived();
        _pair.WaitForMaster(isOwn: true, "192.0.2.100", "2001:db8::7");
    }

    [Fact]
    public void Address_TakenAwayByAnother_ComesBack()
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, Fast, "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master");
        _pair.Own.Ip("addr del 192.0.2.100/24 dev e0");
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it has its address again", () => _pair.Log);
        _pair.Log.ShouldContain("removed by another program");
    }

    [Fact]
    public void VirtualMac_AnswersForTheAddress()
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, $"{Fast}\n use_vmac", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master", () => _pair.Log);
        _pair.Own.Ip("-d link show vrrp.51").ShouldContain("macvlan mode private");

        // Asking for the neighbour's MAC from e0 would name the address with the MAC of e0: it is known before.
        _pair.Own.Execute("ping", "-c 1 -W 5 -I 192.0.2.1 192.0.2.2");
        _pair.Other.Ip("neigh flush all");
        _pair.Other.Execute("ping", "-c 1 -W 5 192.0.2.100");
        _pair.Other.Ip("neigh show 192.0.2.100").ShouldContain("00:00:5e:00:01:33");
        _pair.StopOwn();
        _pair.Own.Ip("link").ShouldNotContain("vrrp.51");
    }

    [Fact]
    public void Scripts_AndPipes_AreToldInOrder()
    {
        string log = Path.Combine(_folder, "log"), script = Path.Combine(_folder, "notify.sh"), fifo = Path.Combine(_folder, "fifo"), file = Path.Combine(_folder, "file");
        File.WriteAllText(script, $"#!/bin/sh\necho \"$@\" >> {log}\n");
        new FileInfo(script).UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserExecute;
        File.WriteAllText(file, "0\n");
        File.WriteAllText(log, "");
        _pair.StartOwn($"global_defs {{\n script_user root\n vrrp_notify_fifo {fifo}\n}}\ntrack_file F {{\n file {file}\n}}\n" + VrrpPair.Instance("V", 51, 100,
            $"{Fast}\n notify_master \"{script} special\"\n notify {script}\n notify_priority_changes on\n track_file {{\n F weight 1\n }}", "192.0.2.100/24"));
        using var pipe = new StreamReader(new FileStream(fifo, FileMode.Open, FileAccess.Read));
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master", () => _pair.Log);
        pipe.ReadLine().ShouldBe("INSTANCE \"V\" BACKUP 100");
        pipe.ReadLine().ShouldBe("INSTANCE \"V\" MASTER 100");
        File.WriteAllText(file, "20\n");
        pipe.ReadLine().ShouldBe("INSTANCE \"V\" MASTER_PRIORITY 120");
        VrrpInstanceStatus status = _pair.ReadVrrp().Instances.Single();
        (status.State, status.Priority, status.BasePriority, status.Explanation, status.Master).ShouldBe(("MASTER", 120, 100, "no better router is heard", "192.0.2.1"));
        status.PriorityParts.ShouldBe([new VrrpPriorityPart("file F", "good", 1, 20, false)]);
        _pair.StopOwn();
        pipe.ReadLine().ShouldBe("INSTANCE \"V\" STOP 120");
        File.ReadAllLines(log).ShouldBe(["INSTANCE V BACKUP 100", "special", "INSTANCE V MASTER 100", "INSTANCE V STOP 120"]);
        File.Exists(fifo).ShouldBeFalse();
    }

    [Fact]
    public async Task Mail_TellsOfEveryStateOnce()
    {
        using var server = new MailServer();
        using var mail = new MailQueue(_ => { });
        _pair.Mail = mail;
        _pair.StartOwn($"global_defs {{\n router_id R\n smtp_server 127.0.0.1 {server.Port}\n notification_email {{\n a@example.org\n }}\n smtp_alert_vrrp\n}}\n"
            + VrrpPair.Instance("V", 51, 100, Fast, "192.0.2.100/24"));
        (await server.TakeAsync()).ShouldContain("Subject: [R] VRRP Instance V - Entering BACKUP state");
        (await server.TakeAsync()).Where(l => l.StartsWith("Subject", StringComparison.Ordinal) || l.StartsWith('=')).ShouldBe(
            ["Subject: [R] VRRP Instance V - Entering MASTER state", "=> VRRP Instance is now owning VRRP VIPs <="]);
        _pair.StopOwn();
        (await server.TakeAsync()).ShouldContain("Subject: [R] VRRP Instance V - Stopping");
    }

    [Fact]
    public void LocalMembership_IsNotAnnounced_WhileAConfigurationSaysSo()
    {
        const string setting = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports";
        string before = _pair.Own.Execute("cat", setting);
        _pair.StartOwn("global_defs {\n disable_local_igmp\n}\n" + VrrpPair.Instance("V", 51, 100, $"{Fast}\n kernel_rx_buf_size 300000", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master", () => _pair.Log);
        _pair.Own.Execute("cat", setting).Trim().ShouldBe("0");
        _pair.StopOwn();
        _pair.Own.Execute("cat", setting).ShouldBe(before);
    }

    [Fact]
    public void Script_ThatFails_IsFaultUntilItSucceeds()
    {
        string flag = Path.Combine(_folder, "flag");
        _pair.StartOwn($"global_defs {{\n script_user root\n}}\nvrrp_script chk {{\n script \"/usr/bin/test -e {flag}\"\n interval 1\n}}\n"
            + VrrpPair.Instance("V", 51, 100, $"{Fast}\n track_script {{\n chk\n }}", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.Status().Contains("FAULT: script chk fails", StringComparison.Ordinal), "the script's failure is FAULT", _pair.Status);
        File.WriteAllText(flag, "");
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "its success lets it be master", _pair.Status);
    }

    [Fact]
    public void Thread_OfAMasterInPeace_AllocatesNothing()
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, "version 3\n advert_int 0.01\n garp_master_delay 0", "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master");
        long least = long.MaxValue;

        // What the runtime does on the thread once in a while shows in one measurement, not in all.
        for (int attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            (long before, long sentBefore) = _pair.Measure();
            VrrpPair.WaitFor(() => _pair.Measure().Sent >= sentBefore + 50, "fifty adverts leave");
            least = Math.Min(least, _pair.Measure().Allocated - before);
        }

        least.ShouldBe(0);
    }

    [Fact]
    public void Reload_KeepsAMasterMasterAndMovesItsAddresses()
    {
        _pair.StartOwn(VrrpPair.Instance("V", 51, 100, Fast, "192.0.2.100/24"));
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.100"), "it is master");
        _pair.Reload(VrrpPair.Instance("Renamed", 51, 100, Fast, "192.0.2.101/24") + VrrpPair.Instance("New", 53, 100, Fast, "192.0.2.103/24"));
        _pair.OwnHas("192.0.2.101").ShouldBeTrue();
        _pair.OwnHas("192.0.2.100").ShouldBeFalse();
        _pair.Status().ShouldContain("Renamed: MASTER");
        _pair.Status().ShouldContain("became master 1, released 0");
        VrrpPair.WaitFor(() => _pair.OwnHas("192.0.2.103"), "the new one is master in its time");
    }
}
