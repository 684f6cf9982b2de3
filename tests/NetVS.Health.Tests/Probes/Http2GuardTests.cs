using NetVS.Health.Probes;
using NetVS.Testing.Randomness;
using static NetVS.Health.Tests.Probes.FramePeer;

namespace NetVS.Health.Tests.Probes;

/// <summary>What a server may send on a connection of HTTP/2, in whatever parts it comes.</summary>
public sealed class Http2GuardTests
{
    // Octets that came through, and why no more did.
    private static (long Octets, string? Problem) Read(byte[] octets, Random random)
    {
        using var guard = new Http2Guard(new MemoryStream(octets));
        byte[] buffer = new byte[40_000];
        long read = 0;
        try
        {
            while (guard.ReadAsync(buffer.AsMemory(0, random.Next(3) == 0 ? random.Next(1, 12) : random.Next(1, buffer.Length)), TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult() is > 0 and int length)
                read += length;
        }
        catch (IOException e)
        {
            e.Message.ShouldBe(guard.Problem);
        }

        return (read, guard.Problem);
    }

    private static byte[] Many(int count, byte[] frame) => [.. Enumerable.Repeat(frame, count).SelectMany(f => f)];

    [Theory]
    [InlineData(Settings, 0)]
    [InlineData(Ping, 8)]
    [InlineData(Continuation, 1000)]
    [InlineData(Data, 0)]
    public void FramesThatAreNoBody_MayBeSoLong_AndNoLonger(byte type, int length) => Seeds.Run(20, (random, _) =>
    {
        byte[] frame = Frame(type, 0, 1, new byte[length]);
        int most = Http2Guard.Most / frame.Length;
        byte[] allowed = [.. Many(most, frame), .. Frame(Data, 0, 1, new byte[60_000])];
        Read(allowed, random).ShouldBe((allowed.Length, null));
        (long octets, string? problem) = Read(Many(most + 10_000, frame), random);
        problem.ShouldBe("more than 128 KiB of headers and control frames");
        octets.ShouldBeLessThan(Http2Guard.Most + 9, "a part of a head that says of no frame yet what it is");
    });

    [Fact]
    public void Body_InFramesOfAnyLength_IsNotCounted() => Seeds.Run(20, (random, _) =>
    {
        byte[] octets = [.. Enumerable.Range(0, 500).SelectMany(_ => Frame(Data, 0, 1, new byte[random.Next(1, 2000)]))];
        Read(octets, random).ShouldBe((octets.Length, null));
        octets = Many(100_000, Frame(Data, 0, 1, 7));
        Read(octets, random).ShouldBe((octets.Length, null));
    });

    [Fact]
    public void Http1_IsToldByItsFirstOctets() => Seeds.Run(20, (random, _) =>
        Read([.. "HTTP/1.1 400 Bad Request\r\n\r\n"u8], random).Problem.ShouldBe("it answers in HTTP/1"));
}
