namespace NetVS.Packets.Capture;

/// <summary>How an interface's timestamps count (if_tsresol, if_tsoffset).</summary>
/// <param name="IsBinary">Whether a tick is 2^-Exponent seconds; 10^-Exponent else.</param>
/// <param name="Exponent">0 to 127.</param>
/// <param name="OffsetSeconds">Seconds to add to every timestamp.</param>
internal readonly record struct TimestampScale(bool IsBinary, int Exponent, long OffsetSeconds)
{
    /// <summary>What an interface has that says nothing.</summary>
    public static TimestampScale Microseconds => new(false, 6, 0);

    /// <summary>Takes the octet of if_tsresol: the high bit chooses the base.</summary>
    public TimestampScale WithResolution(byte value) => this with { IsBinary = value >= 128, Exponent = value & 127 };

    /// <summary>Nanoseconds since 1970 for a timestamp; parts of a nanosecond are cut off.</summary>
    /// <returns>False when it is outside what 63 bits of nanoseconds hold.</returns>
    public bool TryConvert(ulong ticks, out long nanoseconds)
    {
        nanoseconds = 0;

        // 10^38 is the largest power of ten below 2^127; a finer tick makes every 64-bit timestamp less than a nanosecond.
        if (!IsBinary && Exponent > 38) return TryAddOffset(UInt128.Zero, out nanoseconds);
        UInt128 perSecond = IsBinary ? UInt128.One << Exponent : Power(Exponent);
        UInt128 seconds = ticks / perSecond;
        UInt128 rest = ticks % perSecond;

        // The rest is below 2^64, so that times 10^9 it fits 128 bits.
        return seconds <= (UInt128)(ulong)long.MaxValue / 1_000_000_000
            ? TryAddOffset((seconds * 1_000_000_000) + (rest * 1_000_000_000 / perSecond), out nanoseconds)
            : TryAddOffset(UInt128.MaxValue, out nanoseconds);
    }

    private bool TryAddOffset(UInt128 unsigned, out long nanoseconds)
    {
        nanoseconds = 0;
        if (unsigned > (UInt128)(ulong)long.MaxValue) return false;
        Int128 sum = (Int128)unsigned + ((Int128)OffsetSeconds * 1_000_000_000);
        if (sum < long.MinValue || sum > long.MaxValue) return false;
        nanoseconds = (long)sum;
        return true;
    }

    private static UInt128 Power(int exponent)
    {
        UInt128 power = UInt128.One;
        for (int i = 0; i < exponent; i++) power *= 10;
        return power;
    }
}
