namespace NetVS.Rules.Listing;

/// <summary>The large numbers of <c>--stats</c> and <c>--rate</c> (reference §12.7).</summary>
internal static class LargeNumber
{
    /// <summary>Nine columns, cut to K, M, G or T (decimal, rounded down); exact numbers take as many columns as they need.</summary>
    public static string Format(ulong number, bool isExact)
    {
        if (number < 100_000_000) return number.ToString().PadLeft(9);
        if (isExact)
        {
            string digits = number.ToString();
            return digits.PadLeft(digits.Length + 1);
        }

        return number switch
        {
            < 1_000_000_000 => (number / 1_000).ToString().PadLeft(8) + "K",
            < 100_000_000_000 => (number / 1_000_000).ToString().PadLeft(8) + "M",
            < 100_000_000_000_000 => (number / 1_000_000_000).ToString().PadLeft(8) + "G",
            _ => (number / 1_000_000_000_000).ToString().PadLeft(8) + "T",
        };
    }
}
