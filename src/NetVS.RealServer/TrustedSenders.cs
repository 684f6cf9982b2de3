using NetVS.Linux.Bpf;

namespace NetVS.RealServer;

/// <summary>Whose TOA options an attached reader believes: its maps "trusted" and "settings"; and what it counted.</summary>
internal sealed class TrustedSenders : IDisposable
{
    private readonly BpfMap _trusted;
    private readonly BpfMap _settings;
    private readonly BpfMap _counters;

    private TrustedSenders(BpfMap trusted, BpfMap settings, BpfMap counters)
    {
        _trusted = trusted;
        _settings = settings;
        _counters = counters;
    }

    /// <summary>Whether everyone is believed.</summary>
    public bool IsAnyone => !_settings.TryLookup(0u, out uint value) || value == 0;

    /// <summary>Finds the maps of a reader.</summary>
    public static TrustedSenders Open(BpfProgram reader)
    {
        Dictionary<string, BpfMap> maps = reader.OpenMaps().ToDictionary(m => m.Name);
        foreach ((string name, BpfMap map) in maps)
            if (name is not ("trusted" or "settings" or "counters")) map.Dispose();
        return new TrustedSenders(maps["trusted"], maps["settings"], maps["counters"]);
    }

    /// <summary>Those who are believed, as the map's keys.</summary>
    public IReadOnlyList<byte[]> Keys() => _trusted.ToKeys();

    /// <summary>What has to change, as printed, or null.</summary>
    public string? DifferenceOf(IReadOnlyList<byte[]> trusted)
    {
        HashSet<string> there = [.. _trusted.ToKeys().Select(Convert.ToHexString)];
        if (IsAnyone == (trusted.Count == 0) && there.SetEquals(trusted.Select(Convert.ToHexString))) return null;
        return trusted.Count == 0
            ? "options of any sender are believed"
            : $"options are believed from {string.Join(", ", trusted.Select(AddressRange.FromPrefixKey))} only";
    }

    /// <summary>Sets who is believed: nobody new is believed before the list is complete, nobody old disbelieved while it stays.</summary>
    public void Set(IReadOnlyList<byte[]> trusted)
    {
        foreach (byte[] key in trusted) _trusted.Update(key, [1, 0, 0, 0]);
        _settings.Update(0u, trusted.Count == 0 ? 0u : 1u);
        foreach (byte[] key in _trusted.ToKeys())
            if (!trusted.Any(t => t.AsSpan().SequenceEqual(key))) _trusted.Delete(key);
    }

    /// <summary>A counter, by enum toa_outcome.</summary>
    public ulong Count(uint outcome) => _counters.SumPerCpu(outcome);

    /// <inheritdoc/>
    public void Dispose()
    {
        _trusted.Dispose();
        _settings.Dispose();
        _counters.Dispose();
    }
}
