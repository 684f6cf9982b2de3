using NetVS.Health.Probes;
using NetVS.Linux.Checks;
using NetVS.Rules;

namespace NetVS.Daemon;

/// <summary>Health checks that go the users' way, by programs on the director's interfaces.</summary>
internal sealed class UserPaths(CheckTraffic traffic) : IUserPaths
{
    /// <inheritdoc/>
    public void Set(IReadOnlyCollection<UserPath> paths) => traffic.Set([.. paths.Select(ToPath)]);

    /// <inheritdoc/>
    public bool TryFindMark(UserPath path, out uint mark, out string problem) => traffic.TryFindMark(ToPath(path), out mark, out problem);

    private static CheckPath ToPath(UserPath path) => new(path.Virtual, path.Real, path.Tunnel switch
    {
        null => CheckWrapping.None,
        TunnelType.Gre => CheckWrapping.Gre,
        TunnelType.Gue => CheckWrapping.Gue,
        _ => CheckWrapping.Ip,
    }, path.TunnelPort);
}
