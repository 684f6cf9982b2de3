using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Health.Probes;

/// <summary>netvs_users_way: which path a check has, and where it can have none.</summary>
internal static class UserPathRules
{
    /// <summary>The path of a check; null for one that goes straight to its server, because it is not asked or because users' packets do so too (NAT, FULLNAT).</summary>
    public static UserPath? PathOf(Checker checker, KeepalivedConfiguration configuration, VirtualServer server, RealServer real)
    {
        if (!checker.Options.GoesUsersWay || (real.Forwarding ?? server.Forwarding) is not { Method: ForwardingMethod.DirectRouting or ForwardingMethod.Tunnel } forwarding) return null;
        IpAddress address = VirtualAddressOf(configuration, server);
        if (forwarding.Method == ForwardingMethod.DirectRouting) return new UserPath(address, real.Endpoint.Address, null);
        return new UserPath(address, real.Endpoint.Address, forwarding.TunnelType, forwarding.TunnelType == TunnelType.Gue ? forwarding.TunnelPort : (ushort)0);
    }

    /// <summary>Checks that cannot go the way they are told to.</summary>
    public static IEnumerable<KeepalivedDiagnostic> FindProblems(KeepalivedConfiguration configuration) =>
        ChecksWithPath(configuration).Select(c => FindProblem(c.Checker, c.Path)).OfType<KeepalivedDiagnostic>();

    /// <summary>Every check with a path, on a host that has none.</summary>
    public static IEnumerable<KeepalivedDiagnostic> FindAll(KeepalivedConfiguration configuration) =>
        ChecksWithPath(configuration).Select(c => Wrong(c.Checker.Position, "checks cannot go the users' way here", "take netvs_users_way out"));

    private static IEnumerable<(Checker Checker, UserPath Path)> ChecksWithPath(KeepalivedConfiguration configuration) =>
        from server in configuration.VirtualServers
        from real in server.RealServers
        from checker in real.Checkers
        let path = PathOf(checker, configuration, server, real)
        where path is not null
        select (checker, path);

    private static KeepalivedDiagnostic? FindProblem(Checker checker, UserPath path)
    {
        CheckOptions options = checker.Options;
        if (path.Virtual.IsNone) return Wrong(checker.Position, "a mark names no virtual address", "give the virtual server an address, or check the server's own");
        if (path.Virtual.Family != path.Real.Family)
            return Wrong(checker.Position, $"{path.Virtual} and {path.Real} are of two families", "take netvs_users_way out: the server's own address is checked then");
        if (checker is SmtpCheck { Hosts.Count: > 0 }) return Wrong(checker.Position, "host blocks name whom to ask by themselves", "take one of both out");
        if (!options.Address.IsNone) return Wrong(checker.Position, "connect_ip names another address than the users'", "take one of both out");
        return options.Mark != 0 ? Wrong(checker.Position, "its packets need a mark of their own, and fwmark gives them another", "take one of both out") : null;
    }

    // A group's first address stands for all of them.
    private static IpAddress VirtualAddressOf(KeepalivedConfiguration configuration, VirtualServer server) => server.Kind switch
    {
        VirtualServerKind.Address => server.Endpoint.Address,
        VirtualServerKind.Group => configuration.VirtualServerGroups.Find(g => g.Name == server.Group)?.Entries.Find(e => e.Kind == GroupEntryKind.Addresses)?.First ?? default,
        _ => default,
    };

    private static KeepalivedDiagnostic Wrong(SourcePosition position, string message, string advice) =>
        new() { Position = position, Severity = DiagnosticSeverity.Error, Class = ProblemClass.General, Message = $"netvs_users_way: {message}", Advice = advice };
}
