using NetVS.Director.Forwarding;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>A key fits what it was kept of, and nothing that differs in an octet of it.</summary>
public sealed class FrameKeyTests
{
    [Theory]
    [InlineData(32, false)]
    [InlineData(42, false)]
    [InlineData(54, false)]
    [InlineData(64, false)]
    [InlineData(32, true)]
    [InlineData(62, true)]
    [InlineData(74, true)]
    [InlineData(96, true)]
    public void EveryOctet_AndTheLength_Count(int length, bool isLong)
    {
        byte[] frame = new byte[110];
        new Random(length).NextBytes(frame);
        var key = default(FrameKey);
        key.Fits(frame, isLong).ShouldBeFalse("nothing was kept");
        key.Fits([], isLong).ShouldBeFalse();

        key.Keep(frame, length, isLong);

        key.Fits(frame, isLong).ShouldBeTrue();
        for (int i = 0; i < frame.Length; i++)
        {
            frame[i] ^= 0x10;
            key.Fits(frame, isLong).ShouldBe(i >= length, $"octet {i}");
            frame[i] ^= 0x10;
        }

        for (int i = 0; i < frame.Length; i++) key.Fits(frame.AsSpan(0, i), isLong).ShouldBeFalse($"{i} octets");
    }

    [Fact]
    public void AFrameThatIsNoLongerThanTheKey_IsReadNoFurther()
    {
        byte[] frame = new byte[74];
        var key = default(FrameKey);
        key.Keep(frame, 74, isLong: true);
        key.Fits(frame, isLong: true).ShouldBeTrue();
    }
}
