using NetVS.Packets;

namespace NetVS.Rules.Tests.Model;

/// <summary>apply(diff(a, b), a) = b, and on the way there nothing that stays is ever missing.</summary>
public sealed class RuleSetDiffTests
{
    private static ServiceKey Key(int n) => ServiceKey.Of(IpProtocol.Tcp, Ipv4Address.Of(192, 0, 2, (byte)n), 80);

    private static RuleSet RandomRules(Random random)
    {
        var services = new List<ServiceRules>();
        foreach (int n in Enumerable.Range(1, 5).OrderBy(_ => random.Next()).Take(random.Next(6)))
        {
            services.Add(new ServiceRules(
                new VirtualServiceRule { Key = Key(n), Scheduler = random.Next(2) == 0 ? "rr" : "wlc" },
                [.. Enumerable.Range(1, 5).OrderBy(_ => random.Next()).Take(random.Next(6)).Select(d => new DestinationRule
                {
                    Real = new IpEndpoint(Ipv4Address.Of(10, 0, 0, (byte)d), 80),
                    Weight = random.Next(3),
                    Method = random.Next(2) == 0 ? ForwardingMethod.Nat : ForwardingMethod.FullNat,
                })],
                [.. Enumerable.Range(1, 3).Take(random.Next(4)).Select(l => (IpAddress)Ipv4Address.Of(10, 0, 1, (byte)l))]));
        }

        return new RuleSet(services);
    }

    [Fact]
    public void Diff_Applied_GivesTheOtherSetAndNeverDropsWhatStays()
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable("NETVS_TEST_SEED") ?? "7");
        var random = new Random(seed);
        for (int round = 0; round < 2000; round++)
        {
            RuleSet from = RandomRules(random), to = RandomRules(random);
            IReadOnlyList<RuleChange> steps = RuleSetDiff.Between(from, to);
            RuleSet now = from;
            foreach (RuleChange step in steps)
            {
                now = now.Apply(step);
                ShouldHoldWhatStays(from, to, now, $"round {round}, {step} (NETVS_TEST_SEED={seed})");
            }

            now.IsEquivalentTo(to).ShouldBeTrue($"round {round} (NETVS_TEST_SEED={seed})");
        }
    }

    private static void ShouldHoldWhatStays(RuleSet from, RuleSet to, RuleSet now, string where)
    {
        foreach (ServiceRules service in from.Services)
        {
            ServiceRules? wanted = to.Services.FirstOrDefault(s => s.Rule.Key == service.Rule.Key);
            if (wanted is null) continue;
            ServiceRules? present = now.Services.FirstOrDefault(s => s.Rule.Key == service.Rule.Key);
            present.ShouldNotBeNull(where);
            foreach (DestinationRule kept in service.Destinations.Where(d => wanted.Destinations.Any(w => w.Real == d.Real)))
                present.Destinations.ShouldContain(d => d.Real == kept.Real, where);
            if (service.Destinations.Count > 0 && wanted.Destinations.Count > 0) present.Destinations.ShouldNotBeEmpty(where);
        }
    }

    [Fact]
    public void Diff_OfEqualSetsInAnotherOrder_IsEmpty()
    {
        var random = new Random(3);
        RuleSet rules = RandomRules(random);
        while (rules.Services.Count < 3) rules = RandomRules(random);
        var shuffled = new RuleSet([.. rules.Services.Reverse().Select(s => s with { Destinations = [.. s.Destinations.Reverse()] })]);
        RuleSetDiff.Between(rules, shuffled).ShouldBeEmpty();
        rules.IsEquivalentTo(shuffled).ShouldBeTrue();
    }

    [Fact]
    public void Diff_OfOneWeight_IsOneEdit()
    {
        var destination = new DestinationRule { Real = new IpEndpoint(Ipv4Address.Of(10, 0, 0, 1), 80), Method = ForwardingMethod.Nat };
        var rule = new VirtualServiceRule { Key = Key(1), Scheduler = "rr" };
        RuleSet from = new([new ServiceRules(rule, [destination], [])]);
        RuleSet to = new([new ServiceRules(rule, [destination with { Weight = 5 }], [])]);
        RuleSetDiff.Between(from, to).ShouldHaveSingleItem().ToString().ShouldBe("-e -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 5");
    }

    [Fact]
    public void Diff_OfAReplacedServer_AddsBeforeItDeletes()
    {
        var rule = new VirtualServiceRule { Key = Key(1), Scheduler = "rr" };
        var one = new DestinationRule { Real = new IpEndpoint(Ipv4Address.Of(10, 0, 0, 1), 80) };
        var two = new DestinationRule { Real = new IpEndpoint(Ipv4Address.Of(10, 0, 0, 2), 80), UpperThreshold = 9, LowerThreshold = 4 };
        RuleSetDiff.Between(new([new ServiceRules(rule, [one], [])]), new([new ServiceRules(rule, [two], [])]))
            .Select(c => c.ToString())
            .ShouldBe(["-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1 -x 9 -y 4", "-d -t 192.0.2.1:80 -r 10.0.0.1:80"]);
    }
}
