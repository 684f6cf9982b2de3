using NetVS.Director.Marks;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Marks;

/// <summary>The compiled table says of every packet what walking the list of rules says.</summary>
public sealed class MarkMapTests
{
    private static readonly IpProtocol[] s_protocols = [IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp];

    [Fact]
    public void RandomRules_MarkWhatTheFirstMatchMarks()
    {
        Seeds.Run(300, (_, seed) =>
        {
            var random = new SeededRandom(seed);
            MarkRule[] rules = [.. Enumerable.Range(0, 1 + (int)random.NextBelow(12)).Select(_ => Rule(random))];
            MarkMap map = MarkMap.Of(rules);
            for (int i = 0; i < 200; i++)
            {
                (IpProtocol protocol, IpAddress address, ushort port) = Packet(random);
                uint expected = Walk(rules, protocol, address, port)?.Mark ?? 0;
                Find(map, address)?.Ports.Find(protocol, port).ShouldBe(expected, $"{protocol} {address} {port}\n{string.Join('\n', rules.AsEnumerable())}");
                if (Find(map, address) is null) expected.ShouldBe(0u);
            }
        });
    }

    [Fact]
    public void Recognised_IsWhatIsWantedNow_AndAllThatFormerRulesMarked()
    {
        Seeds.Run(300, (_, seed) =>
        {
            var random = new SeededRandom(seed);
            MarkRule[] rules = [.. Enumerable.Range(0, (int)random.NextBelow(8)).Select(_ => Rule(random))];
            MarkRule[] former = [.. Enumerable.Range(0, (int)random.NextBelow(4)).Select(_ => Rule(random)).Where(r => r.Mark != 0)];
            MarkMap map = MarkMap.Recognised(rules, former, (_, mark) => mark == 2);
            for (int i = 0; i < 200; i++)
            {
                (IpProtocol protocol, IpAddress address, ushort port) = Packet(random);
                bool expected = Walk(rules, protocol, address, port)?.Mark == 2 || Walk(former, protocol, address, port) is not null;
                ((Find(map, address)?.Ports.Find(protocol, port) ?? 0) != 0).ShouldBe(expected);
            }
        });
    }

    [Fact]
    public void ManyOverlappingPrefixes_AreRefusedBeforeTheyFillTheTable()
    {
        var engine = new Services.EngineUnderTest();
        IEnumerable<MarkRule> ports = Enumerable.Range(0, 64).Select(i => Parse($"any 10.0.0.0/8 {2 * (i + 1)} 1"));
        IEnumerable<MarkRule> hosts = Enumerable.Range(0, 100).Select(i => Parse($"any 10.0.{i}.1 any 2"));
        engine.Engine.SetMarks([.. ports, .. hosts]).Status.ShouldBe(RuleStatus.ENOMEM);
        engine.Engine.Marks.ShouldBeEmpty();
        engine.Engine.SetMarks([.. Enumerable.Range(0, 1025).Select(i => Parse($"any 10.{i >> 8}.{i & 255}.1 any 1"))]).Status.ShouldBe(RuleStatus.ENOMEM);
        engine.Engine.SetMarks([.. Enumerable.Range(0, 1024).Select(i => Parse($"any 10.{i >> 8}.{i & 255}.1 any 1"))]).ShouldBe(RuleResult.Ok);
    }

    private static MarkRule Parse(string text)
    {
        MarkRule.TryParse(text.Split(' '), out MarkRule? rule, out string? problem).ShouldBeTrue(problem);
        return rule!;
    }

    private static MarkRule? Walk(IEnumerable<MarkRule> rules, IpProtocol protocol, IpAddress address, ushort port) => rules.FirstOrDefault(r =>
        (r.Protocol is null || r.Protocol == protocol) && r.FirstPort <= port && port <= r.LastPort && Contains(r, address));

    // By the text of the bits, as slowly as can be.
    private static bool Contains(MarkRule rule, IpAddress address) =>
        rule.Network.Family == address.Family && BitsOf(address)[..rule.PrefixLength] == BitsOf(rule.Network)[..rule.PrefixLength];

    private static string BitsOf(IpAddress address)
    {
        byte[] octets = new byte[address.Size];
        address.Write(octets);
        return string.Concat(octets.Select(o => Convert.ToString(o, 2).PadLeft(8, '0')));
    }

    // Few addresses and ports, so that rules meet.
    private static MarkRule Rule(SeededRandom random)
    {
        bool isV6 = random.NextBelow(3) == 0;
        int length = (int)random.NextBelow(isV6 ? 129u : 33u);
        ushort first = Port(random), last = Port(random);
        uint protocol = random.NextBelow(4);
        return new MarkRule
        {
            Protocol = protocol == 3 ? null : s_protocols[protocol], Network = Masked(Address(random, isV6), length), PrefixLength = length,
            FirstPort = Math.Min(first, last), LastPort = Math.Max(first, last), Mark = random.NextBelow(4),
        };
    }

    private static (IpProtocol Protocol, IpAddress Address, ushort Port) Packet(SeededRandom random) =>
        (s_protocols[random.NextBelow(3)], Address(random, random.NextBelow(3) == 0), Port(random));

    private static ushort Port(SeededRandom random) => random.NextBelow(8) switch { 0 => 0, 1 => ushort.MaxValue, _ => (ushort)random.NextBelow(12) };

    private static IpAddress Address(SeededRandom random, bool isV6) => isV6
        ? new Ipv6Address(0x2001_0DB8_0000_0000UL | random.NextBelow(4), random.NextBelow(4))
        : new Ipv4Address(0xC633_6400 | (random.NextBelow(2) << 8) | random.NextBelow(8));

    private static IpAddress Masked(IpAddress address, int length)
    {
        byte[] octets = new byte[address.Size];
        address.Write(octets);
        for (int bit = length; bit < octets.Length * 8; bit++) octets[bit / 8] &= (byte)((0xFF7F >> (bit % 8)) & 0xFF);
        return address.Family == IpFamily.V6 ? Ipv6Address.Read(octets) : Ipv4Address.Read(octets);
    }

    private static MarkedNetwork? Find(MarkMap map, IpAddress address) => address.Family == IpFamily.V6 ? map.Find(address.V6) : map.Find(address.V4);
}
