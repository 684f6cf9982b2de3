using NetVS.Bfd.Wire;
using NetVS.Testing.Randomness;

namespace NetVS.Bfd.Tests;

/// <summary>The packet of RFC 5880 §4.1, octet by octet, and every reason not to take one.</summary>
public sealed class BfdPacketTests
{
    private static readonly BfdPacket s_packet = new(BfdState.Up, BfdDiagnostic.NeighbourSignalledDown, IsPoll: true, IsFinal: false, IsDemand: false, 5, 0x01020304, 0x0a0b0c0d, 10_000, 1_000_000);

    private static byte[] Octets(BfdPacket packet)
    {
        byte[] octets = new byte[BfdPacket.Size];
        octets.AsSpan().Fill(0xA5);
        packet.Write(octets);
        return octets;
    }

    [Fact]
    public void Write_AsTheRfcDrawsIt() => Convert.ToHexString(Octets(s_packet)).ShouldBe("23E0051801020304" + "0A0B0C0D00002710" + "000F424000000000");

    [Fact]
    public void TryRead_OfWhatWasWritten_IsTheSame()
    {
        BfdPacket.TryRead(Octets(s_packet), out BfdPacket read).ShouldBe(BfdProblem.None);
        read.ShouldBe(s_packet);
    }

    [Theory]
    [InlineData(0, 0x43, BfdProblem.Version)]
    [InlineData(3, 23, BfdProblem.Length)]
    [InlineData(3, 25, BfdProblem.Length)]
    [InlineData(2, 0, BfdProblem.Multiplier)]
    [InlineData(1, 0xE1, BfdProblem.Multipoint)]
    [InlineData(1, 0xE4, BfdProblem.Authenticated)]
    [InlineData(1, 0xF0, BfdProblem.PollAndFinal)]
    public void TryRead_OfAnOctetThatIsWrong_SaysWhy(int at, byte octet, BfdProblem problem)
    {
        byte[] octets = Octets(s_packet);
        octets[at] = octet;
        BfdPacket.TryRead(octets, out _).ShouldBe(problem);
    }

    [Fact]
    public void TryRead_WithoutDiscriminators_SaysWhy()
    {
        BfdPacket.TryRead(Octets(s_packet with { Mine = 0 }), out _).ShouldBe(BfdProblem.Discriminator);
        BfdPacket.TryRead(Octets(s_packet with { Yours = 0 }), out _).ShouldBe(BfdProblem.NoSessionNamed);
        BfdPacket.TryRead(Octets(s_packet with { Yours = 0, State = BfdState.Down }), out _).ShouldBe(BfdProblem.None);
    }

    [Fact]
    [Trait("Kind", "Fuzz")]
    public void TryRead_OfNoise_EndsAndHasAName() => Seeds.Run(2000, (random, _) =>
    {
        byte[] octets = Mutator.Mutate(random, [Octets(s_packet)], 8);
        BfdProblem problem = BfdPacket.TryRead(octets, out BfdPacket read);
        if (octets.Length < BfdPacket.Size) problem.ShouldBe(BfdProblem.TooShort);
        if (problem == BfdProblem.None) read.Mine.ShouldNotBe(0u);
        BfdProblems.NameOf(problem).ShouldNotBeEmpty();
        BfdProblems.MeaningOf(problem).ShouldNotBeEmpty();
    });
}
