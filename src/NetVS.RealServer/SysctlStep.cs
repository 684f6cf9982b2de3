using NetVS.Linux.Host;

namespace NetVS.RealServer;

/// <summary>A sysctl that has to have a value, or one that does as well.</summary>
/// <param name="path">Below /proc/sys.</param>
/// <param name="wanted">The value to set.</param>
/// <param name="isFine">Whether a value found needs no change.</param>
/// <param name="link">The interface it belongs to, or null for "all".</param>
internal sealed class SysctlStep(string path, string wanted, Func<string, bool> isFine, HostLink? link) : Step
{
    /// <inheritdoc/>
    public override string Key => $"sysctl {path}";

    /// <inheritdoc/>
    public override string Present => $"sysctl {Sysctl.NameOf(path)}: already {Sysctl.TryRead(path)}";

    /// <inheritdoc/>
    public override string? Missing()
    {
        string now = Read();
        return isFine(now) ? null : $"sysctl {Sysctl.NameOf(path)}: {now} -> {wanted}";
    }

    /// <inheritdoc/>
    public override Change? Intention() =>
        new(Key, StepKind.Sysctl, link?.Name ?? "", link?.Index ?? 0, path, Read(), wanted);

    /// <inheritdoc/>
    public override void Make() => Sysctl.Write(path, wanted);

    private string Read() =>
        Sysctl.TryRead(path) ?? throw new RealServerException($"there is no sysctl {Sysctl.NameOf(path)}: the kernel was built without it, or the interface is gone");
}
