namespace NetVS.Director.Tests;

public sealed class DirectorSettingsTests
{
    public static TheoryData<string> Names => [.. DirectorSettings.Descriptions.Select(d => d.Name).Where(n => n is not ("sync_threshold" or "ftp_ports" or "est_cpulist"))];

    [Theory]
    [InlineData("2121 21", "21 2121")]
    [InlineData("0", "0")]
    [InlineData("1,2,3,4,5,6,7,8", "1 2 3 4 5 6 7 8")]
    [InlineData("1,2,3,4,5,6,7,8,9", null)]
    [InlineData("", null)]
    [InlineData("0 21", null)]
    [InlineData("21 x", null)]
    [InlineData("65536", null)]
    [InlineData("-1", null)]
    public void FtpPorts_AreAList_OrNone(string value, string? then)
    {
        DirectorSettings settings = new();
        settings.TrySet("ftp_ports", value, out string? error).ShouldBe(then is not null);
        settings.TryGet("ftp_ports", out string now, out _).ShouldBeTrue();
        now.ShouldBe(then ?? "21");
        error.ShouldBe(then is null ? $"ftp_ports can't be '{value}': give one to 8 ports from 1 to 65535, or 0 for none" : null);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EverySetting_DefaultRangeAndPrefix(string name)
    {
        SettingDescription description = DirectorSettings.Descriptions.Single(d => d.Name == name);
        DirectorSettings settings = new();
        description.Description.ShouldNotBeEmpty();
        settings.TryGet(name, out string value, out _).ShouldBeTrue();
        value.ShouldBe(description.DefaultText);
        foreach (long wrong in new[] { description.Minimum - 1L, description.Maximum + 1L })
        {
            settings.TrySet(name, $"{wrong}", out string? error).ShouldBeFalse();
            error.ShouldBe(description.WhyFixed is { } reason
                ? $"{name} can't be '{wrong}', it is {value}: {reason}"
                : $"{name} can't be '{wrong}': give a number from {description.Minimum} to {description.Maximum}");
        }

        string right = name == "fullnat_port_max" ? "6000" : $"{description.Minimum}";
        settings.TrySet("net.ipv4.vs." + name, right, out string? none).ShouldBeTrue();
        none.ShouldBeNull();
        settings.TryGet("net.ipv4.vs." + name, out value, out _).ShouldBeTrue();
        value.ShouldBe(right);
    }

    // Name, value to set, what the packet path then reads: catches a property bound to the wrong setting.
    public static TheoryData<string, string, Func<DirectorSettings, object>, object, object> Bindings => new()
    {
        { "expire_nodest_conn", "1", s => s.ExpireNodestConn, false, true },
        { "sloppy_tcp", "1", s => s.SloppyTcp, false, true },
        { "nat_icmp_send", "1", s => s.NatIcmpSend, false, true },
        { "pmtu_disc", "0", s => s.PmtuDisc, true, false },
        { "cache_bypass", "1", s => s.CacheBypass, false, true },
        { "schedule_icmp", "1", s => s.ScheduleIcmp, false, true },
        { "icmp_seq_window", "1024", s => s.IcmpSequenceWindow, 0, 1024 },
        { "conn_max", "5", s => s.ConnMax, 1 << 30, 5 },
        { "est_nice", "-5", s => s.EstimatorNice, 0, -5 },
        { "est_cpulist", "", s => s.RunsEstimation, true, false },
        { "conn_reuse_mode", "3", s => s.ConnReuseMode, 1, 3 },
        { "secure_tcp", "3", s => s.UsesSecureTcp, false, true },
        { "secure_tcp", "1", s => s.UsesSecureTcp, false, false },
        { "drop_packet", "3", s => s.DropPacket, 0, 3 },
        { "amemthresh", "7", s => s.AmemThresh, 1024, 7 },
        { "am_droprate", "7", s => s.AmDropRate, 10, 7 },
        { "run_estimation", "0", s => s.RunsEstimation, true, false },
        { "lblc_expiration", "5", s => s.LblcExpiration, TimeSpan.FromDays(1), TimeSpan.FromSeconds(5) },
        { "lblcr_expiration", "5", s => s.LblcrExpiration, TimeSpan.FromDays(1), TimeSpan.FromSeconds(5) },
        { "fullnat_toa", "0", s => s.FullNatToa, true, false },
        { "fullnat_toa_v6_kind", "253", s => s.FullNatToaV6Kind, 254, 253 },
        { "fullnat_timestamp_remove", "0", s => s.FullNatTimestampRemove, true, false },
        { "fullnat_mss_adjust", "0", s => s.FullNatMssAdjust, true, false },
        { "fullnat_port_min", "6000", s => s.FullNatPortMin, 5000, 6000 },
        { "fullnat_port_max", "60000", s => s.FullNatPortMax, 65535, 60000 },
        { "icmp_ratelimit", "7", s => s.IcmpRateLimit, 1000, 7 },
        { "sync_threshold", "4 60", s => (s.SyncThreshold, s.SyncPeriod), (3, 50), (4, 60) },
        { "sync_refresh_period", "10", s => s.SyncRefreshPeriod, 0, 10 },
        { "sync_retries", "2", s => s.SyncRetries, 0, 2 },
        { "sync_version", "0", s => s.SyncVersion, 1, 0 },
        { "sync_ports", "4", s => s.SyncPorts, 1, 4 },
        { "sync_persist_mode", "1", s => s.SyncPersistMode, false, true },
        { "sync_qlen_max", "9", s => s.SyncQlenMax, 4096, 9 },
        { "backup_only", "1", s => s.BackupOnly, false, true },
        { "ftp_ports", "2121,21", s => string.Join(' ', s.FtpPorts.ToArray()), "21", "21 2121" },
        { "ftp_ports", "0", s => s.FtpPorts.Length, 1, 0 },
        { "sync_sock_size", "65536", s => s.SyncSockSize, 0, 65536 },
    };

    [Theory]
    [MemberData(nameof(Bindings))]
    public void Set_IsWhatThePacketPathReads(string name, string value, Func<DirectorSettings, object> read, object before, object after)
    {
        DirectorSettings settings = new();
        read(settings).ShouldBe(before);
        settings.TrySet(name, value, out _).ShouldBeTrue();
        read(settings).ShouldBe(after);
    }

    [Theory]
    [InlineData("conn_lfactor", "there is no conn_lfactor here: the connection tables do not grow, their memory is reserved at the start: give 'netvs run --max-connections N'")]
    [InlineData("net.ipv4.vs.svc_lfactor", "there is no svc_lfactor here: the table of services has no load to set: it is made anew, and as large as it has to be, when a rule changes")]
    public void SysctlOfWhatIsNotHere_RefusedWithItsReason(string name, string reason)
    {
        DirectorSettings settings = new();
        settings.TrySet(name, "-4", out string? error).ShouldBeFalse();
        error.ShouldBe(reason);
        settings.TryGet(name, out _, out error).ShouldBeFalse();
        error.ShouldBe(reason);
    }

    // Every sysctl of IPVS is a setting, or there is a reason why it cannot be one.
    [Theory]
    [InlineData("ignore_tunneled", "1", "0")]
    [InlineData("conntrack", "0", "1")]
    [InlineData("snat_reroute", "1", "0")]
    [InlineData("debug_level", "0", "12")]
    public void SettingWithOneValue_TakesIt_AndSaysWhyNoOther(string name, string right, string wrong)
    {
        DirectorSettings settings = new();
        settings.TrySet(name, right, out string? error).ShouldBeTrue();
        error.ShouldBeNull();
        settings.TrySet(name, wrong, out error).ShouldBeFalse();
        error.ShouldBe($"{name} can't be '{wrong}', it is {right}: {DirectorSettings.Descriptions.Single(d => d.Name == name).WhyFixed}");
        settings.TryGet(name, out string value, out _).ShouldBeTrue();
        value.ShouldBe(right);
    }

    [Theory]
    [InlineData("all", "all", 1024)]
    [InlineData("0-3,6", "0-3,6", 5)]
    [InlineData(" 1023 ", "1023", 1)]
    [InlineData("64,64", "64,64", 1)]
    [InlineData("", "", 0)]
    [InlineData("3-1", null, 1024)]
    [InlineData("1024", null, 1024)]
    [InlineData("1,", null, 1024)]
    [InlineData("1-2-3", null, 1024)]
    [InlineData("-1", null, 1024)]
    [InlineData("x", null, 1024)]
    public void EstCpuList_IsAListOfProcessors_AndNoneStopsTheEstimator(string value, string? then, int processors)
    {
        DirectorSettings settings = new();
        settings.TrySet("est_cpulist", value, out string? error).ShouldBe(then is not null);
        error.ShouldBe(then is null ? $"est_cpulist can't be '{value}': give processors from 0 to 1023, as in 0-3,6; all; or nothing" : null);
        settings.TryGet("net.ipv4.vs.est_cpulist", out string now, out _).ShouldBeTrue();
        now.ShouldBe(then ?? "all");
        int count = 0;
        foreach (ulong word in settings.Estimators.Mask) count += System.Numerics.BitOperations.PopCount(word);
        count.ShouldBe(processors);
        settings.RunsEstimation.ShouldBe(processors > 0);
    }

    [Theory]
    [InlineData("nosuch")]
    [InlineData("")]
    [InlineData("net.ipv4.vs.")]
    [InlineData("EXPIRE_NODEST_CONN")]
    public void Unknown_Refused(string name)
    {
        new DirectorSettings().TryGet(name, out _, out string? error).ShouldBeFalse();
        error.ShouldBe($"there is no setting '{name}': 'netvs get' lists them");
    }

    [Theory]
    [InlineData("")]
    [InlineData("yes")]
    [InlineData("1.0")]
    [InlineData("0x1")]
    [InlineData("99999999999")]
    public void NotANumber_RefusedAndNothingChanges(string value)
    {
        DirectorSettings settings = new();
        settings.TrySet("conn_reuse_mode", value, out string? error).ShouldBeFalse();
        error.ShouldBe($"conn_reuse_mode can't be '{value}': give a number from 0 to 3");
        settings.ConnReuseMode.ShouldBe(1);
    }

    [Fact]
    public void PortRange_MayNotBeEmpty()
    {
        DirectorSettings settings = new();
        settings.TrySet("fullnat_port_max", "4999", out string? error).ShouldBeFalse();
        error.ShouldBe("fullnat_port_max can't be 4999: fullnat_port_min would be 5000 and fullnat_port_max 4999");
        settings.TrySet("fullnat_port_max", "5000", out _).ShouldBeTrue();
        settings.TrySet("fullnat_port_min", "5001", out _).ShouldBeFalse();
        settings.FullNatPortMin.ShouldBe(5000);
    }

    [Theory]
    [InlineData("3 50", true, "3 50")]
    [InlineData("5", true, "5 50")]
    [InlineData("0 0", true, "0 0")]
    [InlineData("7 0", true, "7 0")]
    [InlineData("net", false, "3 50")]
    [InlineData("50 50", false, "3 50")]
    [InlineData("60", false, "3 50")]
    [InlineData("-1 50", false, "3 50")]
    [InlineData("3 50 1", false, "3 50")]
    [InlineData("", false, "3 50")]
    public void SyncThreshold_IsTwoNumbers(string value, bool isTaken, string after)
    {
        DirectorSettings settings = new();
        settings.TrySet("net.ipv4.vs.sync_threshold", value, out string? error).ShouldBe(isTaken);
        (error is null).ShouldBe(isTaken);
        settings.TryGet("sync_threshold", out string now, out _).ShouldBeTrue();
        now.ShouldBe(after);
    }

    [Fact]
    public void SyncPorts_IsAPowerOfTwo()
    {
        new DirectorSettings().TrySet("sync_ports", "3", out string? error).ShouldBeFalse();
        error.ShouldBe("sync_ports can't be 3: give a power of two from 1 to 64");
    }
}
