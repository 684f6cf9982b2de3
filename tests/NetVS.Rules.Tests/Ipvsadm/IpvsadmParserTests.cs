using NetVS.Packets;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;

namespace NetVS.Rules.Tests.Ipvsadm;

/// <summary>What a line means; how lines are refused is in the recorded sessions.</summary>
public sealed class IpvsadmParserTests
{
    private static IpvsadmParse Parse(string line) => IpvsadmParser.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), NoNames.Instance);

    private static IpvsadmCommand Command(string line)
    {
        IpvsadmParse parse = Parse(line);
        parse.Failure.ShouldBeNull(line);
        return parse.Command!;
    }

    private static void ShouldFail(string line, string text, int exitCode = 2)
    {
        IpvsadmFailure? failure = Parse(line).Failure;
        failure.ShouldNotBeNull(line);
        failure.Text.ShouldBe(text);
        failure.ExitCode.ShouldBe(exitCode);
    }

    [Fact]
    public void AddService_WithoutOptions_IsWlcWithoutPersistence()
    {
        IpvsadmCommand command = Command("-A -t 192.0.2.1:80");
        command.ServiceRule.ShouldBe(new VirtualServiceRule
        {
            Key = ServiceKey.Of(IpProtocol.Tcp, IpAddress.Parse("192.0.2.1"), 80),
            NetmaskPrefix = 32,
        });
    }

    [Fact]
    public void AddService_WithEverything_HasIt()
    {
        IpvsadmCommand command = Command("-A -u [2001:db8::1]:53 -s sh -p 60 -M 64 --pe sip -o -b sh-port,sh-fallback");
        command.ServiceRule.ShouldBe(new VirtualServiceRule
        {
            Key = ServiceKey.Of(IpProtocol.Udp, IpAddress.Parse("2001:db8::1"), 53),
            Scheduler = "sh",
            Flags = ServiceFlags.Persistent | ServiceFlags.OnePacket | ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2,
            PersistenceTimeout = 60,
            NetmaskPrefix = 64,
            PersistenceEngine = "sip",
        });
    }

    [Fact]
    public void AddService_WithIpv4Mask_HasMaskAndPrefix()
    {
        IpvsadmCommand command = Command("-A -t 192.0.2.1:80 -p 60 -M 255.255.240.0");
        command.ServiceRule!.Netmask.ShouldBe(0xFFFFF000u);
        command.ServiceRule.NetmaskPrefix.ShouldBe(20u);
    }

    [Fact]
    public void AddServer_WithoutPort_TakesTheServicesIfItCameEarlier()
    {
        Command("-a -t 192.0.2.1:80 -r 10.0.0.1 -m").Destination!.Real.Port.ShouldBe((ushort)80);
        Command("-a -r 10.0.0.1 -t 192.0.2.1:80 -m").Destination!.Real.Port.ShouldBe((ushort)0);
    }

    [Theory]
    [InlineData("-g", ForwardingMethod.DirectRouting, 80)]
    [InlineData("-i", ForwardingMethod.Tunnel, 80)]
    [InlineData("-m", ForwardingMethod.Nat, 8080)]
    [InlineData("-b", ForwardingMethod.FullNat, 8080)]
    [InlineData("--fullnat", ForwardingMethod.FullNat, 8080)]
    public void AddServer_WithMethod_ForcesThePortOnlyWherePortsCannotChange(string option, ForwardingMethod method, int port)
    {
        DestinationRule rule = Command($"-a -t 192.0.2.1:80 -r 10.0.0.1:8080 {option} -w 3 -x 9 -y 7").Destination!;
        rule.ShouldBe(new DestinationRule
        {
            Real = new IpEndpoint(IpAddress.Parse("10.0.0.1"), (ushort)port),
            Method = method,
            Weight = 3,
            UpperThreshold = 9,
            LowerThreshold = 7,
        });
    }

    [Fact]
    public void DeleteServer_WithPort_KeepsIt() =>
        Command("-d -t 192.0.2.1:80 -r 10.0.0.1:8080").Destination!.Real.Port.ShouldBe((ushort)8080);

    [Fact]
    public void LetterB_OnAService_IsSchedulerFlags() =>
        Command("-A -t 192.0.2.1:80 -s mh -b mh-port").ServiceRule!.Flags.ShouldBe(ServiceFlags.Scheduler2);

    [Fact]
    public void Fullnat_OnAService_IsIllegal() =>
        ShouldFail("-A -t 192.0.2.1:80 --fullnat", "Illegal 'forwarding-method' option with the 'add-service' command");

    [Fact]
    public void Fullnat_WithAnotherMethod_IsRefused() =>
        ShouldFail("-a -t 192.0.2.1:80 -r 10.0.0.1 -m -b", "multiple 'forwarding-method' options specified");

    [Fact]
    public void Fullnat_AcrossFamilies_IsRefused() =>
        ShouldFail("-a -t 192.0.2.1:80 -r 2001:db8::1 -b", "Different address family is allowed only for tunneling servers");

    [Fact]
    public void LocalAddress_AddedAndDeleted_NamesServiceAndAddress()
    {
        IpvsadmCommand added = Command("-P -t 192.0.2.1:80 -z 10.0.0.9");
        added.Verb.ShouldBe(IpvsadmVerb.AddLocalAddress);
        added.LocalAddress.ShouldBe(IpAddress.Parse("10.0.0.9"));
        Command("--del-laddr -u [2001:db8::1]:53 --local-address 2001:db8::9").LocalAddress.ShouldBe(IpAddress.Parse("2001:db8::9"));
        Command("-G -n -t 192.0.2.1:80").Listing.IsNumeric.ShouldBeTrue();
        Command("--get-laddr").Service.ShouldBeNull();
    }

    [Theory]
    [InlineData("-P -t 192.0.2.1:80", "You need to supply the 'local-address' option for the 'add-laddr' command")]
    [InlineData("-Q -z 10.0.0.1", "You need to supply the 'service-address' option for the 'del-laddr' command")]
    [InlineData("-G -z 10.0.0.1", "Illegal 'local-address' option with the 'get-laddr' command")]
    [InlineData("-A -t 192.0.2.1:80 -z 10.0.0.1", "Illegal 'local-address' option with the 'add-service' command")]
    [InlineData("-P -t 192.0.2.1:80 -z 2001:db8::1", "the local address must have the address family of the service")]
    [InlineData("-P -t 192.0.2.1:80 -z 300.0.0.1", "illegal local address specified")]
    [InlineData("-P -t 192.0.2.1:80 -z 5", "illegal local address specified")]
    [InlineData("-P -t 192.0.2.1:80 -z 10.0.0.1 -z 10.0.0.2", "multiple 'local-address' options specified")]
    public void LocalAddress_Wrong_IsRefusedInTheSameWords(string line, string text) => ShouldFail(line, text);

    /// <summary>ipvsadm's documentation allows 65535 at most; Debian's build lets more pass.</summary>
    [Fact]
    public void Weight_Above65535_IsRefused()
    {
        Command("-a -t 192.0.2.1:80 -r 10.0.0.1 -w 65535").Destination!.Weight.ShouldBe(65535);
        ShouldFail("-a -t 192.0.2.1:80 -r 10.0.0.1 -w 65536", "illegal weight specified");
    }

    [Fact]
    public void SyncDaemon_WithOptions_HasThem()
    {
        Command("--start-daemon backup --mcast-interface abcdefghijklmnopqrst --syncid 7 --mcast-group ff02::81 --mcast-port 9000 --mcast-ttl 3 --sync-maxlen 1400")
            .SyncDaemon.ShouldBe(new SyncDaemonRule
            {
                IsMaster = false,
                Interface = "abcdefghijklmno",
                SyncId = 7,
                Group = IpAddress.Parse("ff02::81"),
                Port = 9000,
                Ttl = 3,
                MaxLength = 1400,
            });
    }

    [Theory]
    [InlineData("-L", ListingSubject.Services, ListingLayout.Default)]
    [InlineData("-L --rate --stats", ListingSubject.Services, ListingLayout.Statistics)]
    [InlineData("-L --tun-info --thresholds", ListingSubject.Services, ListingLayout.Thresholds)]
    [InlineData("-L --tun-info --persistent-conn", ListingSubject.Services, ListingLayout.PersistentConnections)]
    [InlineData("-L -c --persistent-conn", ListingSubject.Connections, ListingLayout.PersistentConnections)]
    [InlineData("-L --timeout", ListingSubject.Timeouts, ListingLayout.Default)]
    [InlineData("-L --daemon", ListingSubject.SyncDaemons, ListingLayout.Default)]
    public void List_WithSeveralLayouts_TakesTheFirstOfTheTable(string line, ListingSubject subject, ListingLayout layout)
    {
        ListingOptions options = Command(line).Listing;
        options.Subject.ShouldBe(subject);
        options.Layout.ShouldBe(layout);
        options.IsSorted.ShouldBeTrue();
    }

    [Fact]
    public void MutatedLines_NeverThrow()
    {
        string[] seeds =
        [
            "-A -t 192.0.2.1:80 -s rr -p 300 -M 255.255.255.0 -b flag-1", "-a -f 8 -6 -r [2001:db8::a]:0 -m -w 1",
            "-a -t 192.0.2.1:80 -r 10.0.0.1 -i --tun-type gue --tun-port 6080 --tun-remcsum", "--set 1 2 3", "-L -nc --exact",
            "--start-daemon master --mcast-group 224.0.0.81 --syncid 3", "-P -t 192.0.2.1:80 -z 10.0.0.1",
        ];
        const string alphabet = "-=:.[]#,xA0189ftpr \u00e9\u0000";
        int seed = int.Parse(Environment.GetEnvironmentVariable("NETVS_TEST_SEED") ?? "20");
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++)
        {
            char[] line = seeds[random.Next(seeds.Length)].ToCharArray();
            for (int i = random.Next(5); i >= 0; i--) line[random.Next(line.Length)] = alphabet[random.Next(alphabet.Length)];
            IpvsadmParse parse = Parse(new string(line));
            (parse.Command is null).ShouldBe(parse.Failure is not null, $"{new string(line)} (NETVS_TEST_SEED={seed})");
        }
    }
}
