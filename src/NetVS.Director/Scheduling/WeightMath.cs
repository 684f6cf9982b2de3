namespace NetVS.Director.Scheduling;

/// <summary>Arithmetic that several schedulers share.</summary>
internal static class WeightMath
{
    /// <summary>The golden-ratio constant of the kernel's 32-bit multiplicative hash.</summary>
    private const uint GoldenRatio = 0x61C8_8647;

    /// <summary>The greatest common divisor; of 0 and x it is x.</summary>
    public static int GreatestCommonDivisor(int a, int b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }

    /// <summary>H of reference §3.9: the upper <paramref name="bits"/> bits of the product with the golden ratio.</summary>
    public static uint Hash(uint value, int bits) => unchecked(value * GoldenRatio) >> (32 - bits);
}
