namespace NetVS.RealServer;

/// <summary>One thing that has to be so on a prepared real server.</summary>
/// <remarks>Looking never changes anything. A step is made after its <see cref="Change"/> was written down.</remarks>
internal abstract class Step
{
    /// <summary>Names the thing: two steps with one key are one.</summary>
    public abstract string Key { get; }

    /// <summary>Looks how it is now.</summary>
    /// <returns>Null when it is as it should be, else what has to be done, as it is printed after the "+".</returns>
    public abstract string? Missing();

    /// <summary>How it is when it is as it should be, as printed after the "=".</summary>
    public abstract string Present { get; }

    /// <summary>What to write down before <see cref="Make"/>, or null when there is nothing to put back.</summary>
    public abstract Change? Intention();

    /// <summary>Makes it so.</summary>
    public abstract void Make();
}
