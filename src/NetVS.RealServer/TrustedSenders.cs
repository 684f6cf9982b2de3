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

    /// <summary>What has to change, as printed, or null.</summary>
    public string? DifferenceOf(IReadOnlyList<AddressRange> trusted)
    {
        HashSet<string> there = [.. _trusted.ToKeys().Select(Convert.ToHexString)];
        bool isSame = IsAnyone == (trusted.Count == 0) && there.SetEquals(trusted.Select(t => Convert.ToHexString(t.ToPrefixKey())));
        if (isSame) return null;
        return trusted.Count == 0 ? "options of any sender are believed" : $"options are believed from {string.Join(", ", trusted)} only";
    }

    /// <summary>Sets who is believed: nobody new is believed before the list is complete, nobody old disbelieved while it stays.</summary>
    public void Set(IReadOnlyList<AddressRange> trusted)
    {
        byte[][] wanted = [.. trusted.Select(t => t.ToPrefixKey())];
        foreach (byte[] key in wanted) _trusted.Update(key, [1, 0, 0, 0]);
        _settings.Update(0u, trusted.Count == 0 ? 0u : 1u);
        foreach (byte[] key in _trusted.ToKeys())
            if (!wanted.Any(w => w.AsSpan().SequenceEqual(key))) _trusted.Delete(key);
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
