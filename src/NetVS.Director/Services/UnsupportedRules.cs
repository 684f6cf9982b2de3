using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>What the rule model can say and this director does not do yet: each is one line, and lifting it is deleting the line.</summary>
internal static class UnsupportedRules
{
    private static readonly (Func<VirtualServiceRule, bool> Applies, string Sentence)[] s_services =
    [
        (r => HasNetmask(r) && !r.Flags.HasFlag(ServiceFlags.Persistent), "a netmask is of use for persistence only: give -p too, or leave out -M"),
        (r => r.PersistenceEngine is not null && !r.Flags.HasFlag(ServiceFlags.Persistent), "a persistence engine is of use for persistence only: give -p too, or leave out --pe"),
    ];

    /// <summary>EOPNOTSUPP with a sentence, or Ok.</summary>
    public static RuleResult Check(VirtualServiceRule rule)
    {
        foreach ((Func<VirtualServiceRule, bool> applies, string sentence) in s_services)
        {
            if (applies(rule)) return new RuleResult(RuleStatus.EOPNOTSUPP, sentence);
        }

        return RuleResult.Ok;
    }

    // IPVS takes a mask without persistence and never looks at it; taken here, it would look as if it did something.
    private static bool HasNetmask(VirtualServiceRule rule) =>
        rule.Key.Family == IpFamily.V6 ? rule.NetmaskPrefix != 128 : rule.Netmask != 0xFFFF_FFFF;
}
