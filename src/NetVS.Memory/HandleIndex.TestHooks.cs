namespace NetVS.Memory;

/// <content>What only tests look at.</content>
public sealed unsafe partial class HandleIndex
{
    /// <summary>The sum of how far entries stand from their homes, as the buckets count it.</summary>
    internal long TotalDisplacement
    {
        get
        {
            long total = 0;
            for (uint bucket = 0; bucket < _bucketCount; bucket++) total += _buckets[bucket].Passed;
            return total;
        }
    }
}
