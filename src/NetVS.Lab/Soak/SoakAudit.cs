using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Peers;
using NetVS.Packets;

namespace NetVS.Lab.Soak;

/// <summary>Whether all counters add up while no request is under way.</summary>
/// <remarks>
/// What users see of counters is a snapshot that is taken every two seconds, so the audit is repeated until everything is right, for a while.
/// Of each service since the epoch began: its counters are the sum of its servers' (greater, if one was deleted); the total is the sum of the services (greater, if one
/// was deleted or zeroed). Packets and octets of each VIP and protocol are what nftables has seen on the switch: never more but for ICMP errors about its connections, which are counted
/// there too, and less only by what the director has dropped under a reason or its host has reset. Connections are at most the SYNs; where each SYN begins one, at least those that the client made.
/// Active and inactive connections of each server are those that are listed, templates those that persist.
/// </remarks>
internal sealed class SoakAudit(SoakPlan plan, DirectorHost director, SoakWitness witness, SoakChanges changes, SoakTraffic traffic, CheckList checks)
{
    private const int Connections = 0, PacketsIn = 1, PacketsOut = 2, OctetsIn = 3, OctetsOut = 4, LargestFrame = 1500, MostShown = 5;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private static readonly string[] s_checks =
    [
        "services and servers are those that the rules ask for", "services have counted what their servers have", "the total is the services' sum",
        "packets and octets are those that the switch has seen, or dropped under a reason", "connections are those that clients made",
        "active, inactive and persistent connections are those that are listed",
    ];

    private readonly Dictionary<string, long> _made = [];
    private long _dropsBefore;
    private long _limitedBefore;

    /// <summary>What is not as it should be, by the check's place in <see cref="s_checks"/>.</summary>
    private List<string>[] _wrong = [];

    /// <summary>The last state that was read.</summary>
    public SoakState State { get; private set; } = null!;

    /// <summary>Checks until all is right, or for fifteen seconds, and notes what came of it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        DateTime deadline = DateTime.UtcNow + s_patience;
        while (true)
        {
            await CheckAsync();
            if (_wrong.All(w => w.Count == 0) || DateTime.UtcNow > deadline) break;
            await Task.Delay(500, cancellation);
        }

        for (int i = 0; i < s_checks.Length; i++)
        {
            checks.Expect(_wrong[i].Count == 0, s_checks[i]);
            foreach (string line in _wrong[i].Take(MostShown)) checks.Say($"             {line}");
        }
    }

    /// <summary>Zeroes the counters: from here on they are compared.</summary>
    public async Task BeginEpochAsync()
    {
        await changes.ZeroAsync();
        changes.BeginEpoch();
        await witness.ReadAsync();
        witness.BeginEpoch();
        State = await SoakState.AskAsync(director);
        (_dropsBefore, _limitedBefore) = (Drops, Limited);
        foreach (SoakService service in plan.Services) _made[service.Name] = traffic[service.Name, SoakCount.Connections];
    }

    // By all reasons but the limit's, which is one service's.
    private long Drops => State.Drops.Values.Sum() - Limited;

    private long Limited => State.Drops.GetValueOrDefault("service_limit");

    private async Task CheckAsync()
    {
        _wrong = [.. s_checks.Select(_ => new List<string>())];
        SoakState before = await SoakState.AskAsync(director);
        IReadOnlyList<ListedConnection> listed = await ListedConnection.ListAsync(director);
        State = await SoakState.AskAsync(director);
        await witness.ReadAsync();
        CheckRules(_wrong[0]);
        if (_wrong[0].Count > 0) return;
        CheckSums(_wrong[1]);
        CheckTotal(_wrong[2]);
        foreach (IGrouping<(IpAddress Vip, bool IsUdp), SoakService> group in plan.Services.GroupBy(s => (s.Virtual.Address, s.IsUdp))) CheckTraffic(group.Key.Vip, [.. group], _wrong[3]);
        CheckConnections(_wrong[4]);
        CheckListing(before, listed, _wrong[5]);
    }

    private void CheckRules(List<string> wrong)
    {
        HashSet<string> wanted = [.. plan.Services.Where(s => s.IsIn).SelectMany(s => s.Servers.Where(v => v.IsIn).Select(v => $"{s.Key} {v.Real}"))];
        HashSet<string> found = [.. State.Services.Values.SelectMany(s => s.Servers.Select(v => $"{s.Key} {v.Real}"))];
        foreach (string one in wanted.Except(found)) wrong.Add($"{one} is missing");
        foreach (string one in found.Except(wanted)) wrong.Add($"{one} is there");
        if (State.Services.Count != plan.Services.Count(s => s.IsIn)) wrong.Add($"there are {State.Services.Count} services");
    }

    private void CheckSums(List<string> wrong)
    {
        foreach (SoakService service in plan.Services)
        {
            SoakState.Service found = State.Services[service.Key];
            for (int i = Connections; i <= OctetsOut; i++)
            {
                long sum = found.Servers.Sum(s => s.Counters[i]);
                // A server that comes back with its service shows what it had counted at the end of its former life, as in IPVS.
                if (changes.Remade.Contains(service.Name)) continue;
                bool isRight = changes.LostServers.Contains(service.Name) ? found.Counters[i] >= sum : found.Counters[i] == sum;
                if (!isRight) wrong.Add($"{service.Name}: {Name(i)} {found.Counters[i]}, its servers' {sum}");
            }
        }
    }

    private void CheckTotal(List<string> wrong)
    {
        for (int i = Connections; i <= OctetsOut; i++)
        {
            long sum = State.Services.Values.Sum(s => s.Counters[i]);
            if (changes.Forgotten.Count > 0 ? State.Totals[i] < sum : State.Totals[i] != sum) wrong.Add($"{Name(i)} {State.Totals[i]}, the services' {sum}");
        }
    }

    private void CheckTraffic(IpAddress vip, SoakService[] services, List<string> wrong)
    {
        string name = $"{services[0].Key.Split(':')[0]} of {vip} ({string.Join(", ", services.Select(s => s.Name))})";
        bool isWhole = !services.Any(s => changes.Forgotten.Contains(s.Name));
        SoakWitness.Counted seen = Sum(services, witness.To), resets = Sum(services, witness.Resets), errors = witness.ErrorsTo(vip);
        long missing = Drops - _dropsBefore + resets.Packets + (services.Any(s => s.Kind == SoakKind.Limited) ? Limited - _limitedBefore : 0);
        Compare(wrong, $"{name}: packets in", Counted(services, PacketsIn), isWhole ? seen.Packets - missing : 0, seen.Packets + errors.Packets);
        Compare(wrong, $"{name}: octets in", Counted(services, OctetsIn), isWhole ? seen.Octets - (missing * LargestFrame) : 0, seen.Octets + errors.Octets);
        if (!services[0].SeesReplies)
        {
            Compare(wrong, $"{name}: packets out", Counted(services, PacketsOut), 0, 0);
            return;
        }

        seen = Sum(services, witness.From);
        errors = witness.ErrorsFrom(vip);
        Compare(wrong, $"{name}: packets out", Counted(services, PacketsOut), isWhole ? seen.Packets - resets.Packets : 0, seen.Packets + errors.Packets);
        Compare(wrong, $"{name}: octets out", Counted(services, OctetsOut), isWhole ? seen.Octets - resets.Octets : 0, seen.Octets + errors.Octets);
    }

    private void CheckConnections(List<string> wrong)
    {
        if (!changes.CountsSyns) return;
        foreach (SoakService service in plan.Services.Where(s => !s.IsUdp && !changes.Forgotten.Contains(s.Name)))
        {
            // A SYN that hits a connection with a template, or one in FIN_WAIT whose replies are not seen, goes on with it, as in IPVS.
            long least = service.IsPersistent || !service.SeesReplies ? 0 : traffic[service.Name, SoakCount.Connections] - _made[service.Name];
            Compare(wrong, service.Name, State.Services[service.Key].Counters[Connections], least, witness.Syns(service).Packets);
        }
    }

    // While nobody asks, connections only become fewer: what was listed lies between what was counted before and after.
    private void CheckListing(SoakState before, IReadOnlyList<ListedConnection> listed, List<string> wrong)
    {
        if (before.Services.Count != State.Services.Count) return;
        ILookup<(string, string, bool), ListedConnection> by = listed.ToLookup(c => ($"{c.Protocol.ToLowerInvariant()}:{c.Virtual}", c.Real, c.IsTemplate));
        foreach (SoakState.Service service in State.Services.Values)
        {
            foreach (SoakState.Server server in service.Servers)
            {
                SoakState.Server then = before.Services[service.Key].Servers.FirstOrDefault(s => s.Real == server.Real) ?? server;
                int connections = by[(service.Key, server.Real, false)].Count(), templates = by[(service.Key, server.Real, true)].Count();
                Compare(wrong, $"{service.Key} {server.Real}: connections listed", connections, server.Active + server.Inactive, then.Active + then.Inactive);
                Compare(wrong, $"{service.Key} {server.Real}: templates listed", templates, server.Persistent, then.Persistent);
            }
        }
    }

    private long Counted(SoakService[] services, int what) => services.Sum(s => State.Services[s.Key].Counters[what]);

    private static SoakWitness.Counted Sum(SoakService[] services, Func<SoakService, SoakWitness.Counted> of) => services.Aggregate(default(SoakWitness.Counted), (sum, s) => sum + of(s));

    private static void Compare(List<string> wrong, string what, long counted, long least, long most)
    {
        if (counted < least || counted > most) wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {counted} counted, {(least == most ? $"{most}" : $"{least} to {most}")} seen"));
    }

    private static string Name(int counter) => counter switch { Connections => "connections", PacketsIn => "packets in", PacketsOut => "packets out", OctetsIn => "octets in", _ => "octets out" };
}
