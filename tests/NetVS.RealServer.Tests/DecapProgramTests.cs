using NetVS.Linux.Bpf;
using NetVS.Packets;

namespace NetVS.RealServer.Tests;

/// <summary>bpf/decap.bpf.c by the kernel's test run: frame in, verdict, frame out and counter.</summary>
public sealed class DecapProgramTests : IDisposable
{
    private const uint Ok = 0, Shot = 2, Unspecified = uint.MaxValue;
    private const int Done = 0, OtherInner = 1, Untrusted = 2, Fragment = 3, Malformed = 4, Congestion = 5, Outcomes = 7;
    private const string Client = "203.0.113.7", Vip = "10.8.0.1", Dip = "192.0.2.1", Rip = "192.0.2.9";
    private const string Client6 = "2001:db8:c::7", Vip6 = "2001:db8:8::1", Dip6 = "2001:db8:1::1", Rip6 = "2001:db8:1::9";

    private readonly BpfObject? _object;
    private readonly BpfProgram? _program;
    private readonly BpfMap? _counters;

    public DecapProgramTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "loading eBPF needs root");
        _object = BpfObject.OpenEmbedded("decap");
        _object.Load();
        _program = _object.Program("decap");
        _counters = _object.Map("counters");
        Fill("vips", Vip, Vip6);
        Fill("locals", Rip, Rip6);
        using BpfMap ports = _object.Map("gue_ports");
        ports.Update((byte[])[0x17, 0xC0, 0, 0], (byte[])[1, 0, 0, 0]);
    }

    public void Dispose()
    {
        _counters?.Dispose();
        _program?.Dispose();
        _object?.Dispose();
    }

    public static TheoryData<string, string, string, string, string, byte> Families => new()
    {
        { Dip, Rip, Client, Vip, "IPv4 in IPv4", 4 },
        { Dip, Rip, Client6, Vip6, "IPv6 in IPv4", 41 },
        { Dip6, Rip6, Client, Vip, "IPv4 in IPv6", 4 },
        { Dip6, Rip6, Client6, Vip6, "IPv6 in IPv6", 41 },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void TunnelPacket_ForVip_IsUnwrapped(string dip, string rip, string client, string vip, string what, byte protocol)
    {
        byte[] inner = Frames.Ip(client, vip, 6, Frames.Tcp(client, vip, 40000, 80, 1, 0, 2));
        Expect(Frame(Frames.Ip(dip, rip, protocol, inner)), Ok, Frame(inner), Done, what);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void GreAndGue_ForVip_AreUnwrapped(string dip, string rip, string client, string vip, string what, byte protocol)
    {
        byte[] inner = Frames.Ip(client, vip, 6, Frames.Tcp(client, vip, 40000, 80, 1, 0, 2, payload: [1, 2, 3]));
        byte[] type = protocol == 4 ? [0x08, 0x00] : [0x86, 0xDD];
        Expect(Frame(Frames.Ip(dip, rip, 47, [0, 0, .. type, .. inner])), Ok, Frame(inner), Done, $"{what}: GRE");
        Expect(Frame(Frames.Ip(dip, rip, 47, [0x80, 0, .. type, 0xAB, 0xCD, 0, 0, .. inner])), Ok, Frame(inner), Done, $"{what}: GRE with checksum");
        Expect(Frame(Frames.Ip(dip, rip, 17, Gue([0, protocol, 0, 0], inner))), Ok, Frame(inner), Done, $"{what}: GUE");
    }

    // draft-herbert-remotecsumoffload: the field holds the pseudo-header's sum, and whoever unwraps finishes it.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(491)]
    [InlineData(492)]
    [InlineData(493)]
    [InlineData(1001)]
    [InlineData(1360)]
    public void RemoteChecksum_IsFinished(int octets)
    {
        foreach ((string dip, string rip, string client, string vip, string what, byte protocol) in Families.Select(f => f.Data))
        {
            byte[] payload = [.. Enumerable.Range(0, octets).Select(i => (byte)((i * 7) & 0xFF))];
            byte[] whole = Frames.Ip(client, vip, 6, Frames.Tcp(client, vip, 40000, 80, 1, 0, 0x10, payload: payload));
            int header = protocol == 4 ? 20 : 40, field = header + 16, length = whole.Length - header;
            byte[] addresses = protocol == 4 ? whole[12..20] : whole[8..40];
            ushort open = (ushort)(0xFFFF ^ Frames.Checksum([.. addresses, 0, 6, (byte)(length >> 8), (byte)(length & 0xFF)]));
            byte[] unfinished = Changed(Changed(whole, field, (byte)(open >> 8)), field + 1, (byte)(open & 0xFF));
            byte[] gue = [2, protocol, 0, 1, 0x80, 0, 0, 0, 0, (byte)header, 0, (byte)field];
            Expect(Frame(Frames.Ip(dip, rip, 17, Gue(gue, unfinished))), Ok, Frame(whole), Done, what);
        }
    }

    [Fact]
    public void OthersGreAndUdp_AreLeftAlone()
    {
        byte[] inner = Inner();
        Same(Frame(Frames.Ipv4(Dip, Rip, 47, [0x20, 0, 8, 0, 0, 0, 0, 1, .. inner])), null, "GRE with a key");
        Same(Frame(Frames.Ipv4(Dip, Rip, 47, [0, 0, 0x65, 0x58, .. inner])), null, "GRE with Ethernet inside");
        Same(Frame(Frames.Ipv4(Dip, Rip, 17, Gue([0, 4, 0, 0], inner, port: 6081))), null, "another UDP port");
        Same(Frame(Frames.Ipv4(Dip, "192.0.2.77", 17, Gue([0, 4, 0, 0], inner))), null, "GUE to another host");
        Same(Frame(Frames.Ipv4(Dip, Rip, 17, Gue([0, 4, 0, 0], inner), fragment: 0x2000)), Fragment, "GUE's first fragment");
        Same(Frame(Frames.Ipv4(Dip, Rip, 17, Gue([0, 4, 0, 0], inner), fragment: 0x00B9)), null, "a later UDP fragment, of no known port");
        Same(Frame(Frames.Ipv6(Dip6, Rip6, 44, [17, 0, 0, 1, 0, 0, 0, 1, .. Gue([0, 4, 0, 0], inner)])), Fragment, "GUE's first fragment in IPv6");
        Same(Frame(Frames.Ipv4(Dip, Rip, 17, Gue([0, 4, 0, 0], Frames.Ipv4(Client, "10.8.0.2", 17, new byte[8])))), OtherInner, "inner destination no VIP");
    }

    [Theory]
    [InlineData("a control message", "20040000")]
    [InlineData("version 1", "40040000")]
    [InlineData("another protocol", "00060000")]
    [InlineData("fields without flags", "010400000000000000")]
    [InlineData("unknown flags", "0104000200000000")]
    [InlineData("unknown private flags", "02040001400000000014002400")]
    [InlineData("a checksum before what it covers", "020400018000000000240014")]
    [InlineData("a checksum beyond the packet", "02040001800000000014FFFE")]
    public void GueThatIsNotTheDirectors_IsDropped(string what, string header) =>
        Dropped(Frame(Frames.Ipv4(Dip, Rip, 17, Gue(Convert.FromHexString(header), Inner()))), Malformed, what);

    [Fact]
    public void CutGreAndGue_AreDropped()
    {
        Dropped(Frame(Frames.Ipv4(Dip, Rip, 47, [0x80, 0, 8, 0, 0, 0])), Malformed, "GRE without its checksum's end");
        Dropped(Frame(Frames.Ipv4(Dip, Rip, 47, [0, 0, 8, 0, 0x45])), Malformed, "GRE with a cut packet");
        Dropped(Frame(Frames.Ipv4(Dip, Rip, 17, Gue([0, 4, 0, 0], []))), Malformed, "GUE with nothing inside");
        byte[] longer = Gue([0, 4, 0, 0], Inner());
        longer[5]++;
        Dropped(Frame(Frames.Ipv4(Dip, Rip, 17, longer)), Malformed, "a UDP length beyond the packet");
    }

    [Fact]
    public void OuterOptions_AreRemovedWithTheirHeader()
    {
        byte[] inner = Inner();
        Expect(Frame(Frames.Ipv4(Dip, Rip, 4, inner, options: [1, 1, 1, 1, 1, 1, 1, 0])), Ok, Frame(inner), Done);
        byte[] limit = [4, 0, 4, 1, 4, 1, 1, 0];
        Expect(Frame(Frames.Ipv6(Dip6, Rip6, 60, [.. limit, .. inner])), Ok, Frame(inner), Done);
    }

    [Fact]
    public void PaddingAfterTheOuterPacket_IsKeptOutsideTheInnerLength()
    {
        byte[] inner = Frames.Ipv4(Client, Vip, 17, [0x9C, 0x40, 0, 53, 0, 8, 0, 0]);
        byte[] frame = [.. Frame(Frames.Ipv4(Dip, Rip, 4, inner)), 0, 0, 0, 0];
        Expect(frame, Ok, [.. Frame(inner), 0, 0, 0, 0], Done);
    }

    [Fact]
    public void WhatIsNotOurs_IsLeftAlone()
    {
        Same(Frame(Frames.Ipv4(Client, Rip, 6, Frames.Tcp(Client, Rip, 1, 2, 3, 4, 2))), null, "plain TCP");
        Same(Frame(Frames.Ipv4(Dip, "192.0.2.77", 4, Inner())), null, "outer destination of another host");
        Same(Frame(Frames.Ipv4(Dip, Rip, 4, Frames.Ipv4(Client, "10.8.0.2", 17, new byte[8]))), OtherInner, "inner destination no VIP");
        Same(Frame(Frames.Ipv4(Dip, Rip, 4, Inner(), fragment: 0x2000)), Fragment, "first fragment");
        Same(Frame(Frames.Ipv4(Dip, Rip, 4, Inner(), fragment: 0x00B9)), Fragment, "later fragment");
        Same(Frame(Frames.Ipv6(Dip6, Rip6, 44, [4, 0, 0, 1, 0, 0, 0, 1, .. Inner()])), Fragment, "IPv6 fragment");
        Same(Frames.Ethernet(Frames.Ipv4(Dip, Rip, 4, Inner())), null, "frame to another station");
        byte[] arp = [.. Enumerable.Repeat((byte)0xFF, 6), .. Frames.MacThere, 8, 6, .. new byte[46]];
        Same(arp, null, "ARP");
    }

    [Fact]
    public void LyingLengthsAndChecksums_AreDropped()
    {
        byte[] good = Frame(Frames.Ipv4(Dip, Rip, 4, Inner()));
        Dropped(Changed(good, 14, 0x44), Malformed, "outer header shorter than 20 octets");
        Dropped(Changed(good, 14, 0x4F), Malformed, "outer header longer than its sum covers");
        Dropped(Changed(good, 24, (byte)(good[24] ^ 1)), Malformed, "outer checksum");
        Dropped(Changed(good, 34, 0x65), Malformed, "inner version");
        Dropped(Changed(good, 36, 0x7F), Malformed, "inner length beyond the outer packet");
        Dropped(good[..60], Malformed, "outer length beyond the frame");
        byte[] good6 = Frame(Frames.Ipv6(Dip6, Rip6, 41, Frames.Ipv6(Client6, Vip6, 17, new byte[8])));
        Dropped(Changed(good6, 18, 0x7F), Malformed, "outer IPv6 length beyond the frame");
        Dropped(Frame(Frames.Ipv6(Dip6, Rip6, 41, new byte[39])), Malformed, "no room for an inner header");
    }

    // RFC 6040, figure 4. Codepoints: 0 not capable, 1 ECT(1), 2 ECT(0), 3 CE; -1 is a drop.
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(3, 0, -1)]
    [InlineData(0, 2, 2)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(3, 2, 3)]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 1, 3)]
    [InlineData(0, 3, 3)]
    [InlineData(1, 3, 3)]
    [InlineData(2, 3, 3)]
    [InlineData(3, 3, 3)]
    public void CongestionMarks_AreCombinedAsRfc6040Says(int outer, int inner, int result)
    {
        const int DifferentiatedServices = 0xB8;
        foreach ((string client, string vip, byte protocol) in ((string, string, byte)[])[(Client, Vip, 4), (Client6, Vip6, 41)])
        {
            foreach ((string dip, string rip) in ((string, string)[])[(Dip, Rip), (Dip6, Rip6)])
            {
                byte[] segment = Frames.Tcp(client, vip, 40000, 80, 1, 0, 2);
                byte[] frame = Frame(
                    Frames.Ip(dip, rip, protocol, Frames.Ip(client, vip, 6, segment, (byte)(DifferentiatedServices | inner)), (byte)outer));
                if (result < 0) Dropped(frame, Congestion, $"{dip} {client}");
                else Expect(frame, Ok, Frame(Frames.Ip(client, vip, 6, segment, (byte)(DifferentiatedServices | result))), Done, $"{dip} {client}");
            }
        }
    }

    [Theory]
    [InlineData(Dip, true)]
    [InlineData("198.51.100.77", true)]
    [InlineData("198.51.101.1", false)]
    [InlineData("203.0.113.1", false)]
    public void Senders_OnceGiven_AreTheOnlyOnesBelieved(string sender, bool isBelieved)
    {
        using (BpfMap trusted = _object!.Map("trusted"))
        using (BpfMap settings = _object.Map("settings"))
        {
            foreach (string range in (string[])[Dip, "198.51.100.0/24"])
            {
                AddressRange.TryParse(range, out AddressRange parsed).ShouldBeTrue();
                trusted.Update(parsed.ToPrefixKey(), [1, 0, 0, 0]);
            }

            settings.Update(0u, 1u);
        }

        byte[] frame = Frame(Frames.Ipv4(sender, Rip, 4, Inner()));
        if (isBelieved) Expect(frame, Ok, Frame(Inner()), Done);
        else Dropped(frame, Untrusted, sender);
    }

    /// <summary>A test run's packet comes in by lo: only frames to its address, all zeros, are for this host.</summary>
    private static byte[] Frame(byte[] packet) => Frames.Ethernet(packet, new byte[6]);

    private static byte[] Gue(byte[] header, byte[] inner, ushort port = 6080)
    {
        int length = 8 + header.Length + inner.Length;
        return [0xC0, 0x01, (byte)(port >> 8), (byte)(port & 0xFF), (byte)(length >> 8), (byte)(length & 0xFF), 0, 0, .. header, .. inner];
    }

    private static byte[] Inner() => Frames.Ipv4(Client, Vip, 6, Frames.Tcp(Client, Vip, 40000, 80, 1, 0, 2));

    private static byte[] Changed(byte[] frame, int offset, byte value)
    {
        byte[] copy = [.. frame];
        copy[offset] = value;
        return copy;
    }

    private void Fill(string map, params string[] addresses)
    {
        using BpfMap target = _object!.Map(map);
        foreach (string address in addresses) target.Update(AddressRange.ToMapKey(IpAddress.Parse(address)), [1, 0, 0, 0]);
    }

    private void Same(byte[] frame, int? counter, string what) => Expect(frame, Unspecified, frame, counter, what);

    private void Dropped(byte[] frame, int counter, string what) => Expect(frame, Shot, null, counter, what);

    private void Expect(byte[] frame, uint verdict, byte[]? after, int? counter, string what = "")
    {
        ulong[] before = Counters();
        byte[] output = new byte[frame.Length + 64];
        Array.Fill(output, (byte)0xA5);
        TestRunResult result = _program!.TestRun(frame, output);
        result.ReturnValue.ShouldBe(verdict, what);
        if (after is not null) Convert.ToHexString(output.AsSpan(0, result.PacketLength)).ShouldBe(Convert.ToHexString(after), what);
        ulong[] now = Counters();
        for (int i = 0; i < Outcomes; i++) (now[i] - before[i]).ShouldBe(i == counter ? 1ul : 0ul, $"{what}: counter {i}");
    }

    private ulong[] Counters() => [.. Enumerable.Range(0, Outcomes).Select(i => _counters!.SumPerCpu((uint)i))];
}
