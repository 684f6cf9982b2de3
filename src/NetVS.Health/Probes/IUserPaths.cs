namespace NetVS.Health.Probes;

/// <summary>Sends checks the way the users' packets go: those whose sockets carry the mark of a path.</summary>
/// <remarks>Thread: any.</remarks>
public interface IUserPaths
{
    /// <summary>Makes these the paths there are. Never throws: what goes wrong is what <see cref="TryFindMark"/> says.</summary>
    void Set(IReadOnlyCollection<UserPath> paths);

    /// <summary>The mark for the sockets of a check.</summary>
    /// <param name="path">The check's path.</param>
    /// <param name="mark">The mark; 0 if there is none.</param>
    /// <param name="problem">Why there is none; empty if there is one.</param>
    bool TryFindMark(UserPath path, out uint mark, out string problem);
}
