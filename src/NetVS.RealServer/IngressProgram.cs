using NetVS.Linux.Bpf;
using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>The decapsulation program and what its maps should hold; shared by all interfaces it is attached to.</summary>
/// <remarks>
/// The kernel is the record: an attached program is found by its filter's priority, handle and name, and its maps through it.
/// </remarks>
internal sealed class IngressProgram : IDisposable
{
    /// <summary>tc's preference of our filters on a real server.</summary>
    public const ushort Priority = 20530;

    /// <summary>tc's handle of our filter.</summary>
    public const uint Handle = 1;

    /// <summary>The program's name, and its object's.</summary>
    public const string Name = "decap";

    private readonly Dictionary<string, List<byte[]>> _contents = [];
    private readonly bool _onlyTrusted;
    private BpfProgram? _loaded;

    /// <summary>Describes a program; nothing is loaded yet.</summary>
    /// <param name="vips">The inner destinations that are unwrapped.</param>
    /// <param name="locals">The outer destinations that are.</param>
    /// <param name="trusted">Whose tunnel packets are; empty for anyone's.</param>
    /// <param name="guePorts">The UDP ports of GUE tunnels.</param>
    public IngressProgram(
        IReadOnlyList<IpAddress> vips, IReadOnlyList<IpAddress> locals, IReadOnlyList<AddressRange> trusted, IReadOnlyList<ushort> guePorts)
    {
        Description = string.Join(", ", vips) + (trusted.Count > 0 ? $" from {string.Join(", ", trusted)}" : "") +
            (guePorts is [RealServerSetup.DefaultGuePort] ? "" : $", GUE by UDP port {string.Join(", ", guePorts)}");
        _contents["vips"] = [.. vips.Select(AddressRange.ToMapKey)];
        _contents["locals"] = [.. locals.Select(AddressRange.ToMapKey)];
        _contents["trusted"] = [.. trusted.Select(t => t.ToPrefixKey())];
        _contents["gue_ports"] = [.. guePorts.Select(p => (byte[])[(byte)(p >> 8), (byte)(p & 0xFF), 0, 0])];
        _onlyTrusted = trusted.Count > 0;
    }

    /// <summary>What it works for, as printed.</summary>
    public string Description { get; }

    /// <summary>Our program on this hook, or null where there is none.</summary>
    public static BpfProgram? TryFind(TcHook hook)
    {
        TcFilter? filter = hook.TryFind(Priority, Handle);
        BpfProgram? program = filter is null ? null : BpfProgram.TryFromId(filter.ProgramId);
        if (program is null || program.KernelName == Name) return program;
        string other = program.KernelName;
        program.Dispose();
        throw new RealServerException(
            $"{hook.InterfaceName}: the tc filter with preference {Priority} and handle {Handle} is somebody else's ({other}): move it away");
    }

    /// <summary>The program, loaded once, with its maps filled.</summary>
    public BpfProgram LoadFilled()
    {
        BpfProgram loaded = Load();
        Fill(loaded);
        return loaded;
    }

    /// <summary>What an attached program lacks against this description, or null.</summary>
    public string? DifferenceOf(BpfProgram attached)
    {
        if (attached.Tag != Load().Tag) return "of another version: replaced";
        Dictionary<string, BpfMap> maps = OpenMaps(attached);
        try
        {
            foreach ((string map, List<byte[]> keys) in _contents)
            {
                HashSet<string> there = [.. maps[map].ToKeys().Select(Convert.ToHexString)];
                if (!there.SetEquals(keys.Select(Convert.ToHexString))) return $"{map} differ: set for {Description}";
            }

            bool isOnlyTrusted = maps["settings"].TryLookup(0u, out uint value) && value != 0;
            return isOnlyTrusted == _onlyTrusted ? null : $"set for {Description}";
        }
        finally
        {
            foreach (BpfMap map in maps.Values) map.Dispose();
        }
    }

    /// <summary>Brings the maps of an attached program up to date without touching traffic; false when it is of another version.</summary>
    public bool TryUpdate(BpfProgram attached)
    {
        if (attached.Tag != Load().Tag) return false;
        Fill(attached);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _loaded?.Dispose();

    private static Dictionary<string, BpfMap> OpenMaps(BpfProgram program) => program.OpenMaps().ToDictionary(m => m.Name);

    private BpfProgram Load()
    {
        if (_loaded is not null) return _loaded;
        using BpfObject @object = BpfObject.OpenEmbedded(Name);
        @object.Load();
        return _loaded = @object.Program(Name);
    }

    // New keys first, then the switch, then old keys: no packet meets an emptier map than before or after.
    private void Fill(BpfProgram program)
    {
        Dictionary<string, BpfMap> maps = OpenMaps(program);
        try
        {
            byte[] value = [1, 0, 0, 0];
            foreach ((string map, List<byte[]> keys) in _contents)
                foreach (byte[] key in keys) maps[map].Update(key, value);
            maps["settings"].Update(0u, _onlyTrusted ? 1u : 0u);
            foreach ((string map, List<byte[]> keys) in _contents)
            {
                foreach (byte[] stale in maps[map].ToKeys().Where(k => !keys.Any(w => w.AsSpan().SequenceEqual(k))))
                    maps[map].Delete(stale);
            }
        }
        finally
        {
            foreach (BpfMap map in maps.Values) map.Dispose();
        }
    }
}
