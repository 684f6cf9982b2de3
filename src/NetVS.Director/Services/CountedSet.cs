namespace NetVS.Director.Services;

/// <summary>A set whose members are there as often as somebody put them in. Thread: control.</summary>
internal sealed class CountedSet<T>
    where T : notnull
{
    private readonly Dictionary<T, int> _counts = [];

    /// <summary>Whether a member is there.</summary>
    public bool Contains(T member) => _counts.ContainsKey(member);

    /// <summary>Puts a member in once more.</summary>
    /// <returns>Whether it was not there before.</returns>
    public bool Add(T member)
    {
        int count = _counts.GetValueOrDefault(member) + 1;
        _counts[member] = count;
        return count == 1;
    }

    /// <summary>Takes a member out once.</summary>
    /// <returns>Whether it is gone now.</returns>
    public bool Remove(T member)
    {
        if (_counts[member]-- > 1) return false;
        _counts.Remove(member);
        return true;
    }
}
