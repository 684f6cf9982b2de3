using NetVS.Director;

namespace NetVS.Testing.Randomness;

/// <summary>A random source that says what the test wrote down, in order; asked once more, it fails.</summary>
public sealed class ScriptedRandom(params uint[] numbers) : IRandomSource
{
    private readonly Queue<uint> _numbers = new(numbers);

    /// <summary>How many numbers are left.</summary>
    public int Left => _numbers.Count;

    /// <summary>Adds numbers to the script.</summary>
    public void Add(params uint[] more)
    {
        foreach (uint number in more) _numbers.Enqueue(number);
    }

    /// <inheritdoc/>
    public uint NextBelow(uint bound)
    {
        if (!_numbers.TryDequeue(out uint number)) throw new InvalidOperationException($"the script is over (a number below {bound} was wanted)");
        if (number >= bound) throw new InvalidOperationException($"the script says {number}, but a number below {bound} was wanted");
        return number;
    }
}
