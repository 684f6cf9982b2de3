namespace NetVS.Bench.Plots;

/// <summary>Where a value lies between the ends of an axis: linear from zero, or logarithmic where values differ too much for that.</summary>
internal sealed class Scale
{
    private const double LogarithmicFrom = 15;
    private readonly bool _isLogarithmic;
    private readonly double _least;
    private readonly double _greatest;

    private Scale(bool isLogarithmic, double least, double greatest, IReadOnlyList<double> ticks)
    {
        _isLogarithmic = isLogarithmic;
        _least = least;
        _greatest = greatest;
        Ticks = ticks;
    }

    /// <summary>The values to mark.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>The scale that fits some values; finite ones only.</summary>
    public static Scale For(IReadOnlyCollection<double> values)
    {
        double least = values.Count == 0 ? 0 : values.Min();
        double greatest = values.Count == 0 ? 1 : values.Max();
        if (least > 0 && greatest / least > LogarithmicFrom)
        {
            double[] marks = [.. Enumerable.Range(-9, 22).SelectMany(e => (double[])[Math.Pow(10, e), 2 * Math.Pow(10, e), 5 * Math.Pow(10, e)])];
            double bottom = marks.Last(m => m <= least), top = marks.First(m => m >= greatest);
            return new Scale(true, bottom, top, [.. marks.Where(m => m >= bottom && m <= top)]);
        }

        least = Math.Min(0, least);
        double step = Step((greatest - least) / 5);
        double first = Math.Floor(least / step) * step, last = Math.Ceiling(greatest / step) * step;
        if (last <= first) last = first + step;
        return new Scale(false, first, last, [.. Enumerable.Range(0, (int)Math.Round((last - first) / step) + 1).Select(i => first + (i * step))]);
    }

    /// <summary>0 at the least end, 1 at the greatest.</summary>
    public double Place(double value) => _isLogarithmic
        ? Math.Log(value / _least) / Math.Log(_greatest / _least)
        : (value - _least) / (_greatest - _least);

    // The next of 1, 2 and 5 times a power of ten.
    private static double Step(double raw)
    {
        if (raw <= 0) return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return power * (raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }
}
