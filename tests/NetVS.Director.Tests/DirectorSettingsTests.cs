namespace NetVS.Director.Tests;

public sealed class DirectorSettingsTests
{
    public static TheoryData<string> Names => [.. DirectorSettings.Descriptions.Select(d => d.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EverySetting_DefaultRangeAndPrefix(string name)
    {
        SettingDescription description = DirectorSettings.Descriptions.Single(d => d.Name == name);
        DirectorSettings settings = new();
        description.Description.ShouldNotBeEmpty();
        settings.TryGet(name, out string value, out _).ShouldBeTrue();
        value.ShouldBe($"{description.Default}");
        foreach (long wrong in new[] { description.Minimum - 1L, description.Maximum + 1L })
        {
            settings.TrySet(name, $"{wrong}", out string? error).ShouldBeFalse();
            error.ShouldBe($"{name} can't be '{wrong}': give a number from {description.Minimum} to {description.Maximum}");
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
    [InlineData("conntrack")]
    [InlineData("net.ipv4.vs.sync_threshold")]
    [InlineData("schedule_icmp")]
    public void SysctlOfALaterVersion_RefusedPlainly(string name)
    {
        DirectorSettings settings = new();
        settings.TrySet(name, "1", out string? error).ShouldBeFalse();
        error!.ShouldEndWith("is not supported yet");
        settings.TryGet(name, out _, out error).ShouldBeFalse();
        error!.ShouldEndWith("is not supported yet");
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
}
