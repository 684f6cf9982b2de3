using NetVS.Health.Checks;

namespace NetVS.Health.Probes;

/// <summary>netvs_users_way: asks only while packets can go that way; otherwise nothing is said about the server.</summary>
internal sealed class UserPathProbe(IProbe inner, UserPath path, IUserPaths paths) : IProbe
{
    /// <inheritdoc/>
    public string Target => inner.Target;

    /// <inheritdoc/>
    public ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation) => paths.TryFindMark(path, out _, out string problem)
        ? inner.AskAsync(step, cancellation)
        : ValueTask.FromResult(ProbeResult.LocalProblem(problem));
}
