using NetVS.Health.Checks;
using NetVS.Health.Probes;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Health.Tests.Probes;

/// <summary>What a DNS check makes of records; the messages are written by hand from RFC 1035 §4.1.</summary>
public sealed class DnsAnswerTests
{
    private const string Header = "0000 8180 0001 0002 0000 0000";
    private const string Question = "07 6578616D706C65 03 6F7267 00"; // example.org, at octet 12
    private const string Asked = Question + "0001 0001";
    private const string FirstA = "C00C 0001 0001 0000003C 0004 C0000201", SecondA = "C00C 0001 0001 0000003C 0004 C0000202";

    public static TheoryData<string, string, string, string> Answers => new()
    {
        { "A", Header + Asked + FirstA + SecondA, "192.0.2.1", "" },
        { "A", Header + Asked + FirstA + SecondA, "192.0.2.2 192.0.2.1", "" },
        { "A", Header + Asked + FirstA + SecondA, "192.0.2.1 192.0.2.9", "192.0.2.9 is not in the answer: 192.0.2.1, 192.0.2.2" },
        { "AAAA", Header + Asked + FirstA + "C00C 001C 0001 0000003C 0010 20010DB8000000000000000000000001", "2001:DB8::1", "" },
        { "AAAA", Header + Asked + FirstA + SecondA, "2001:db8::1", "2001:db8::1 is not in the answer: no record of that type" },
        { "MX", Header + Asked + "C00C 000F 0001 0000003C 0007 000A 026D78 C00C" + FirstA, "MX.Example.org.", "" },
        { "CNAME", Header + Asked + "C00C 0005 0001 0000003C 0006 03777777 C00C" + FirstA, "www.example.org", "" },
        { "SOA", Header + Asked + "C00C 0006 0001 0000003C 001A 026E73 C00C 00 0000000100000002000000030000000400000005" + FirstA, "ns.example.org", "" },
        { "TXT", Header + Asked + "C00C 0010 0001 0000003C 0006 026869 02796F" + FirstA, "hiyo", "" },

        // Cut short, pointing at itself, longer than it is.
        { "A", Header + Asked + FirstA, "192.0.2.1", "the answer is broken" },
        { "A", Header + "C00C" + "0001 0001" + FirstA + SecondA, "192.0.2.1", "the answer is broken" },
        { "A", Header + Asked + FirstA + "C00C 0001 0001 0000003C 0400 C0000202", "192.0.2.1", "the answer is broken" },
        { "A", Header + Asked + FirstA + "C00C 0001 0001 0000003C 0003 C00002", "192.0.2.1", "the answer is broken" },
        { "TXT", Header + Asked + FirstA + "C00C 0010 0001 0000003C 0002 0568", "hi", "the answer is broken" },
        { "NS", Header + Asked + FirstA + "C00C 0002 0001 0000003C 0002 FFFF", "ns", "the answer is broken" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answer_IsComparedWithWhatIsWanted(string type, string message, string wanted, string problem)
    {
        var target = new ProbeTarget(new CheckOptions(), new IpEndpoint(IpAddress.Parse("192.0.2.53"), 53), TimeSpan.FromSeconds(1));
        byte[] octets = Convert.FromHexString(message.Replace(" ", "", StringComparison.Ordinal));
        var probe = new DnsProbe(target, new DnsCheck { Type = type, Question = "example.org", Answers = [.. wanted.Split(' ')] });
        probe.Judge(octets, octets)!.Value.Detail.ShouldBe(problem);

        // Any cut of it is read without harm.
        for (int length = 0; length < octets.Length; length++) probe.Judge(octets, octets.AsSpan(0, length));
    }

    [Theory]
    [InlineData("type A\n netvs_answer 2001:db8::1", "netvs_answer: '2001:db8::1' is no A record")]
    [InlineData("type DNSKEY\n netvs_answer x", "netvs_answer: records of type DNSKEY are not compared")]
    [InlineData("type A\n netvs_answer 192.0.2.1", null)]
    public void Answer_ThatCannotBe_IsRefused(string lines, string? problem)
    {
        using var rig = new HealthRig();
        var problems = rig.Load($"virtual_server 192.0.2.1 53 {{\n protocol UDP\n lvs_sched rr\n lvs_method NAT\n real_server 10.0.0.1 53 {{\n DNS_CHECK {{\n name example.org\n {lines}\n }}\n }}\n}}\n").Problems;
        if (problem is null) problems.ShouldBeEmpty();
        else problems.Single().Message.ShouldStartWith(problem);
    }
}
