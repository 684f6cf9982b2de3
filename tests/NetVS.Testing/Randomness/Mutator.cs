namespace NetVS.Testing.Randomness;

/// <summary>Makes broken inputs of good ones: the mutations that find faults of parsers.</summary>
public static class Mutator
{
    // Where counts and lengths turn over.
    private static readonly byte[][] s_edges = [[0], [1], [0x7F], [0x80], [0xFE], [0xFF], [0, 0], [0x7F, 0xFF], [0x80, 0], [0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF]];

    /// <summary>Takes one of a corpus and changes it in a few places.</summary>
    /// <param name="random">The source.</param>
    /// <param name="corpus">Good inputs.</param>
    /// <param name="most">How many mutations at most; at least none.</param>
    /// <param name="tokens">Words of the language, which are put in now and then.</param>
    public static byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus, int most = 6, IReadOnlyList<byte[]>? tokens = null)
    {
        List<byte> octets = [.. corpus[random.Next(corpus.Count)]];
        for (int i = random.Next(most + 1); i > 0; i--) Mutate(random, octets, corpus, tokens ?? []);
        return [.. octets];
    }

    private static void Mutate(Random random, List<byte> octets, IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> tokens)
    {
        int at = random.Next(octets.Count + 1), length = Math.Min(random.Next(1, 40), octets.Count - at);
        switch (random.Next(11))
        {
            case 0 when length > 0:
                octets[at] = (byte)random.Next(256);
                break;
            case 1 when length > 0:
                octets[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2 or 3 when length > 0:
                byte[] edge = s_edges[random.Next(s_edges.Length)];
                for (int i = 0; i < edge.Length && at + i < octets.Count; i++) octets[at + i] = edge[i];
                break;
            case 4:
                octets.RemoveRange(at, octets.Count - at);
                break;
            case 5:
                octets.RemoveRange(at, length);
                break;
            case 6:
                octets.InsertRange(at, octets.GetRange(at, length));
                break;
            case 7:
                byte[] other = corpus[random.Next(corpus.Count)];
                int from = random.Next(other.Length + 1);
                octets.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(200), other.Length - from)).ToArray());
                break;
            case 8:
                octets.Reverse(at, length);
                break;
            case 9 when tokens.Count > 0:
                octets.InsertRange(at, tokens[random.Next(tokens.Count)]);
                break;
            case 10 when length > 0:
                octets[at] = unchecked((byte)(octets[at] + (random.Next(2) * 2) - 1));
                break;
        }
    }
}
