using System.Buffers.Binary;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Testing.Memory;
using NetVS.Testing.Randomness;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Tests.Machine;
using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Tests.Wire;

/// <summary>Each reason for which an advert is not taken, alone.</summary>
public sealed class AdvertCheckTests
{
    private const string Peer = "198.51.100.8";
    private readonly World _world = new();

    public static TheoryData<string> Kinds => ["V2", "V3", "AH", "V6"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Advert_AsARouterSendsIt_IsTaken(string kind)
    {
        VirtualRouter router = _world.Start(Options(kind));
        _world.Hear(router, 150).ShouldBe(AdvertProblem.None);
        router.MasterPriority.ShouldBe((byte)150);
    }

    [Fact]
    public void Ttl_NotFull_IsRefused() => Mangled(Advert.Version3, p => p[8] = 254).ShouldBe(AdvertProblem.Ttl);

    [Fact]
    public void Checksum_OffByOne_IsRefused() => Mangled(Advert.Version3, p => p[27]++).ShouldBe(AdvertProblem.Checksum);

    [Fact]
    public void Checksum_OfVersion2_CoversTheAuthenticationData() => Mangled(Advert.Version2, p => p[^1]++).ShouldBe(AdvertProblem.Checksum);

    [Fact]
    public void Checksum_OfVersion3WithoutPseudoHeader_IsRefused() => Mangled(Advert.Version3, p =>
    {
        p.AsSpan(26, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(p.AsSpan(26), InternetChecksum.Compute(p.AsSpan(20)));
    }).ShouldBe(AdvertProblem.Checksum);

    [Fact]
    public void Checksum_OfIpv6_IsChecked() => Mangled(Advert.Version6, p => p[^1]++, "fe80::8").ShouldBe(AdvertProblem.Checksum);

    [Fact]
    public void Version_OfAnother_IsRefused() => Mangled(Advert.Version3, p => p[20] = 0x41).ShouldBe(AdvertProblem.Version);

    [Fact]
    public void Type_OfAnother_IsRefused() => Mangled(Advert.Version3, p => p[20] = 0x32).ShouldBe(AdvertProblem.Type);

    [Fact]
    public void Length_Cut_IsRefused() => Resized(-4).ShouldBe(AdvertProblem.TooShort);

    [Fact]
    public void Length_Padded_IsRefused() => Resized(2).ShouldBe(AdvertProblem.TooLong);

    [Fact]
    public void TotalLength_OfALie_IsRefused() => Mangled(Advert.Version3, p => p[3]++).ShouldBe(AdvertProblem.TotalLength);

    [Fact]
    public void AuthenticationType_Unknown_IsRefused() => Mangled(Advert.Version2, p => p[24] = 3).ShouldBe(AdvertProblem.UnknownAuthenticationType);

    [Fact]
    public void AuthenticationType_OfAnother_IsRefused() => Mangled(Advert.Version2, p => p[24] = 1).ShouldBe(AdvertProblem.AuthenticationType);

    [Fact]
    public void Password_OfAnother_IsRefused()
    {
        VirtualRouterOptions options = Advert.Version2 with { Authentication = AuthenticationKind.Password, Password = Advert.Key("right") };
        VirtualRouter router = _world.Start(options);
        _world.Hear(router, 150, sender: options with { Password = Advert.Key("wrong") }).ShouldBe(AdvertProblem.Password);
        _world.Hear(router, 150).ShouldBe(AdvertProblem.None);
    }

    [Fact]
    public void AuthenticationHeader_Unwanted_IsRefused() =>
        _world.Hear(_world.Start(Advert.Version2), 150, sender: Advert.WithHeader).ShouldBe(AdvertProblem.UnexpectedAuthenticationHeader);

    [Fact]
    public void AuthenticationHeader_Missing_IsRefused() =>
        _world.Hear(_world.Start(Advert.WithHeader), 150, sender: Advert.Version2).ShouldBe(AdvertProblem.MissingAuthenticationHeader);

    [Fact]
    public void AuthenticationHeader_WithAnotherKey_IsRefused() =>
        _world.Hear(_world.Start(Advert.WithHeader), 150, sender: Advert.WithHeader with { Password = Advert.Key("abd") }).ShouldBe(AdvertProblem.AuthenticationCheck);

    [Fact]
    public void AuthenticationHeader_SeenBefore_IsRefused()
    {
        VirtualRouter router = _world.Start(Advert.WithHeader);
        _world.Hear(router, 150, sequence: 7).ShouldBe(AdvertProblem.None);
        _world.Hear(router, 150, sequence: 7).ShouldBe(AdvertProblem.Replayed);
        _world.Hear(router, 150, sequence: 8).ShouldBe(AdvertProblem.None);
    }

    [Fact]
    public void AuthenticationHeader_OfAPacketRefusedForAnotherReason_DoesNotMoveTheSequence()
    {
        VirtualRouter router = _world.Start(Advert.WithHeader);
        _world.Hear(router, 150, sequence: 1000, sender: Advert.WithHeader with { Addresses = [IpAddress.Parse("198.51.100.99")] }).ShouldBe(AdvertProblem.AddressMissing);
        _world.Hear(router, 150, sequence: 2).ShouldBe(AdvertProblem.None);
    }

    [Fact]
    public void Interval_OfAnother_IsRefusedByVersion2Only()
    {
        _world.Hear(_world.Start(Advert.Version2), 150, sender: Advert.Version2 with { AdvertInterval = TimeSpan.FromSeconds(1) }).ShouldBe(AdvertProblem.Interval);
        _world.Hear(_world.Start(Advert.Version3), 150, sender: Advert.Version3 with { AdvertInterval = TimeSpan.FromSeconds(2) }).ShouldBe(AdvertProblem.None);
    }

    [Fact]
    public void Addresses_MoreThanOwn_AreRefused() => _world.Hear(_world.Start(Advert.Version3), 150, sender: Advert.Version3 with
    {
        Addresses = [IpAddress.Parse("198.51.100.80"), IpAddress.Parse("198.51.100.81")],
    }).ShouldBe(AdvertProblem.AddressCount);

    [Fact]
    public void Addresses_InAnotherOrder_AreTaken()
    {
        VirtualRouterOptions options = Advert.Version3 with { Addresses = [IpAddress.Parse("198.51.100.80"), IpAddress.Parse("198.51.100.81")] };
        VirtualRouter router = _world.Start(options);
        _world.Hear(router, 150, sender: options with { Addresses = [.. options.Addresses.Reverse()] }).ShouldBe(AdvertProblem.None);
    }

    [Fact]
    public void Addresses_OfOthers_AreRefusedUnlessTheMasterIsKnownAndSkipped()
    {
        VirtualRouterOptions other = Advert.Version3 with { Addresses = [IpAddress.Parse("198.51.100.99")] };
        VirtualRouter router = _world.Start(Advert.Version3 with { SkipsAddressCheck = true });
        _world.Hear(router, 150, sender: other).ShouldBe(AdvertProblem.AddressMissing);
        _world.Hear(router, 150).ShouldBe(AdvertProblem.None);
        _world.Hear(router, 150, sender: other).ShouldBe(AdvertProblem.None);
    }

    [Fact]
    public void Unicast_WhereMulticastIsExpected_IsRefused() =>
        _world.Hear(_world.Start(Advert.Version3), 150, destination: "198.51.100.7").ShouldBe(AdvertProblem.UnexpectedUnicast);

    [Fact]
    public void Multicast_WhereUnicastIsExpected_IsRefused() =>
        _world.Hear(_world.Start(Advert.Version3 with { Peers = [new(IpAddress.Parse(Peer))] }), 150).ShouldBe(AdvertProblem.UnexpectedMulticast);

    [Fact]
    public void Unicast_FromAStrangerOrFromTooFar_IsRefused()
    {
        VirtualRouterOptions options = Advert.Version3 with { Peers = [new(IpAddress.Parse(Peer), MinTtl: 254)], ChecksPeers = true };
        VirtualRouter router = _world.Start(options);
        _world.Hear(router, 150, "198.51.100.9", destination: "198.51.100.7").ShouldBe(AdvertProblem.UnknownPeer);
        _world.Hear(router, 150, sender: options with { UnicastTtl = 253 }, destination: "198.51.100.7").ShouldBe(AdvertProblem.PeerTtl);
        _world.Hear(router, 150, destination: "198.51.100.7").ShouldBe(AdvertProblem.None);
    }

    [Theory]
    [InlineData(OldChecksumUse.Learned, AdvertProblem.None)]
    [InlineData(OldChecksumUse.Always, AdvertProblem.None)]
    [InlineData(OldChecksumUse.Never, AdvertProblem.Checksum)]
    public void OldChecksum_OfAPeer_IsLearnedUnlessForbidden(OldChecksumUse use, AdvertProblem expected)
    {
        VirtualRouterOptions options = Advert.Version3 with { Peers = [new(IpAddress.Parse(Peer))], OldChecksum = use };
        VirtualRouter router = _world.Start(options);
        byte[] packet = new byte[AdvertWriter.MostOctets];
        int length = AdvertWriter.Write(packet, options, new(IpAddress.Parse(Peer), router.Source, 150, 1, 0, UsesOldChecksum: true));
        ReceivedAdvert.TryReadIpv4(packet.AsSpan(0, length), out ReceivedAdvert advert).ShouldBeTrue();
        router.Receive(advert, _world.Clock.Now).ShouldBe(expected);
        router.NextAdvert(IpAddress.Parse(Peer), 100).UsesOldChecksum.ShouldBe(expected == AdvertProblem.None);
    }

    [Fact]
    public void EveryProblem_HasAnUniqueNameAndAMeaning()
    {
        string[] names = [.. Enum.GetValues<AdvertProblem>().Select(AdvertProblems.NameOf)];
        names.ShouldBeUnique();
        Enum.GetValues<AdvertProblem>().ShouldAllBe(p => AdvertProblems.MeaningOf(p).Length > 0);
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void Anything_AtTheEndOfItsPage_IsReadWithinItsBounds() => Seeds.Run(20_000, (random, _) =>
    {
        using var memory = new GuardedMemory(4096);
        VirtualRouterOptions options = Options(new[] { "V2", "V3", "AH", "V6" }[random.Next(4)]);
        byte[] packet = Advert.From(options, options.Family == IpFamily.V6 ? "fe80::8" : Peer, 150);
        for (int flips = random.Next(4); flips > 0; flips--) packet[random.Next(packet.Length)] = (byte)random.Next(256);
        Span<byte> cut = memory.AtEnd(random.Next(packet.Length + 1));
        packet.AsSpan(0, cut.Length).CopyTo(cut);
        bool isRead = options.Family == IpFamily.V6
            ? ReceivedAdvert.TryReadIpv6(default, VirtualRouterOptions.DefaultGroup6.V6, 255, cut, out ReceivedAdvert advert)
            : ReceivedAdvert.TryReadIpv4(cut, out advert);
        if (isRead) Enum.IsDefined(new World().Start(options).Receive(advert, _world.Clock.Now)).ShouldBeTrue();
    });

    private static VirtualRouterOptions Options(string kind) => kind switch { "V2" => Advert.Version2, "V3" => Advert.Version3, "AH" => Advert.WithHeader, _ => Advert.Version6 };

    private AdvertProblem Mangled(VirtualRouterOptions options, Action<byte[]> mangle, string source = Peer)
    {
        byte[] packet = Advert.From(options, source, 150);
        mangle(packet);
        return Receive(options, packet);
    }

    private AdvertProblem Resized(int by)
    {
        byte[] packet = Advert.From(Advert.Version3, Peer, 150);
        Array.Resize(ref packet, packet.Length + by);
        packet[3] = (byte)packet.Length;
        return Receive(Advert.Version3, packet);
    }

    private AdvertProblem Receive(VirtualRouterOptions options, byte[] packet)
    {
        VirtualRouter router = _world.Start(options);
        Advert.TryRead(packet, out ReceivedAdvert advert).ShouldBeTrue();
        AdvertProblem problem = router.Receive(advert, _world.Clock.Now);
        router.Counters.Refused(problem).ShouldBe(1);
        return problem;
    }
}
