namespace NetVS.Failover.Running;

/// <summary>promote_secondaries: when an interface's first address goes, the others of its network stay. Set while an instance wants it. Thread: the loop's.</summary>
internal sealed class PromotedInterfaces
{
    private readonly Dictionary<string, string> _before = [];

    /// <summary>Sets it on these interfaces, and sets it back on all others; one that is not there yet is to be named again when it is.</summary>
    public void Set(IEnumerable<string> names)
    {
        HashSet<string> wanted = [.. names];
        foreach (string name in wanted)
        {
            if (_before.ContainsKey(name) || Sysctl.Read(Path(name)) is not { } value) continue;
            if (Sysctl.TryWrite(Path(name), "1")) _before[name] = value;
        }

        foreach ((string name, string value) in _before.Where(b => !wanted.Contains(b.Key)).ToArray())
        {
            Sysctl.TryWrite(Path(name), value);
            _before.Remove(name);
        }
    }

    private static string Path(string name) => $"net/ipv4/conf/{name}/promote_secondaries";
}
