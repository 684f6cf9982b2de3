using NetVS.Api.Contract;
using NetVS.Commands;

namespace NetVS.Tests.Commands;

/// <summary><c>netvs why vrrp</c>: what it prints.</summary>
public sealed class WhyVrrpTests
{
    private static readonly VrrpInstanceReport s_report = new(
        "VI", "MASTER", 12.34, "no better router is heard", "eth0", 51, 3, "G", 254, 200,
        [new("script chk", "good", 80, 80, false), new("interface eth1", "bad", -5, -5, false), new("file F", "good", 0, 0, true)],
        1, "192.0.2.1", [], ["192.0.2.10/24"], "192.0.2.1", 254, null, new("192.0.2.2", 3, 7), 2, 350.5,
        new() { ["adverts_sent"] = 9, ["adverts_received"] = 3, ["became_master"] = 1, ["released_master"] = 0 }, new() { ["ttl"] = 4 });

    [Fact]
    public void Instance_IsExplainedInFull() => WhyVrrp.Format(s_report).ShouldBe(
        """
        VI: MASTER for 12.3 s, virtual_router_id 51 on eth0, VRRPv3, group G
          because no better router is heard
          priority 254 = 200 + 80 (script chk) - 5 (interface eth1), which would be 275: 1 to 254 are possible
            script chk is good, weight 80: adds +80
            interface eth1 is bad, weight -5: adds -5
            file F is good, weight 0: FAULT
          master this router, 192.0.2.1, priority 254
          addresses 192.0.2.10/24
          two masters: 3 adverts of 192.0.2.2 while 192.0.2.1 was master, the last 7.0 s ago: one of them does not hear the other
          2 adverts left more than a tenth of advert_int (1 s) late, the latest by 350.5 ms: the machine has too much to do
          adverts sent 9, received 3; became master 1, released 0
          refused 4 adverts: ttl

        """);

    [Fact]
    public void Owner_HasNoSum() => WhyVrrp.Format(s_report with { BasePriority = 255, Priority = 255 }).ShouldContain("priority 255: it owns its addresses, and nothing is added");
}
