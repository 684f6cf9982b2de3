using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Scheduling;

/// <summary>sh, dh and mh under stable-hash: only the clients of a server that goes, or comes, move.</summary>
public sealed class StableHashTests
{
    private const int Clients = 3000;
    private static readonly ServiceOptions s_options = new() { HasStableHash = true };

    public static TheoryData<string> Names => ["sh", "dh", "mh"];

    private static ServiceUnderTest Service(string scheduler, string headFirst = "E D C B A", ServiceFlags flags = ServiceFlags.None) =>
        new(scheduler, headFirst, flags, options: s_options);

    // Of dh it is the address that clients go to.
    private static string Map(ServiceUnderTest service, bool isV6 = false) => string.Concat(Enumerable.Range(0, Clients).Select(i =>
    {
        string address = isV6 ? $"2001:db8::{i:x}" : $"198.51.{100 + (i / 250)}.{i % 250}";
        return ServiceUnderTest.Name(service.Scheduler.Name == "dh" ? service.Schedule("203.0.113.9", 40000, address) : service.Schedule(address, 40000));
    }));

    private static void ShouldOnlyMove(string before, string after, char server)
    {
        for (int i = 0; i < Clients; i++)
        {
            if (before[i] == server) after[i].ShouldNotBe(server, $"client {i}");
            else after[i].ShouldBe(before[i], $"client {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Quiesced_OnlyItsClientsMove_AndComeBack(string scheduler)
    {
        ServiceUnderTest service = Service(scheduler);
        string before = Map(service);
        service.Weigh('C', 0);
        ShouldOnlyMove(before, Map(service), 'C');
        service.Weigh('C', 1);
        Map(service).ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Deleted_OnlyItsClientsMove_AndComeBack(string scheduler)
    {
        ServiceUnderTest service = Service(scheduler);
        string before = Map(service);
        service.Delete('B');
        string without = Map(service);
        ShouldOnlyMove(before, without, 'B');

        // They are spread over all that are left.
        string moved = string.Concat(Enumerable.Range(0, Clients).Where(i => before[i] == 'B').Select(i => without[i]));
        foreach (char server in "ACDE") moved.Count(c => c == server).ShouldBeInRange(moved.Length / 8, moved.Length / 2);
        service.Add('B', 1);
        Map(service).ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Overloaded_OnlyItsClientsMove(string scheduler)
    {
        ServiceUnderTest service = Service(scheduler);
        string before = Map(service);
        service.Overload('D');
        ShouldOnlyMove(before, Map(service), 'D');
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Order_AndFamily_DoNotMatter(string scheduler)
    {
        Map(Service(scheduler, "A D C E B")).ShouldBe(Map(Service(scheduler)));
        ServiceUnderTest service = Service(scheduler);
        string before = Map(service, isV6: true);
        foreach (char server in "ABCDE") before.Count(c => c == server).ShouldBeInRange(Clients / 7, Clients / 4);
        service.Delete('A');
        ShouldOnlyMove(before, Map(service, isV6: true), 'A');
    }

    [Fact]
    public void WithoutIt_OthersMoveToo()
    {
        var service = new ServiceUnderTest("sh", "E D C B A");
        string before = Map(service);
        service.Delete('B');
        string after = Map(service);
        Enumerable.Range(0, Clients).Count(i => before[i] != 'B' && before[i] != after[i]).ShouldBeGreaterThan(Clients / 4);
    }

    [Theory]
    [InlineData("sh", 500, 1000, 1500)]
    [InlineData("mh", 500, 1000, 1500)]
    [InlineData("dh", 1000, 1000, 1000)]
    public void Shares_FollowWeights_OfDhNot(string scheduler, int c, int b, int a)
    {
        string map = Map(Service(scheduler, "C:1 B:2 A:3"));
        foreach ((char server, int share) in (ReadOnlySpan<(char, int)>)[('C', c), ('B', b), ('A', a)])
            map.Count(s => s == server).ShouldBeInRange(share * 9 / 10, share * 11 / 10);
    }

    [Fact]
    public void AnotherWeight_MovesClientsToItOnly()
    {
        ServiceUnderTest service = Service("mh");
        string before = Map(service);
        service.Weigh('A', 2);
        string after = Map(service);
        for (int i = 0; i < Clients; i++)
            if (after[i] != before[i]) after[i].ShouldBe('A');
        after.Count(s => s == 'A').ShouldBeGreaterThan(before.Count(s => s == 'A') * 5 / 4);
    }

    [Fact]
    public void Port_CountsWhereItsFlagSaysSo()
    {
        ServiceUnderTest without = Service("sh"), with = Service("sh", flags: ServiceFlags.Scheduler2);
        Enumerable.Range(1, 100).Select(p => without.PickFor("192.0.2.1", (ushort)p)).Distinct().Count().ShouldBe(1);
        Enumerable.Range(1, 100).Select(p => with.PickFor("192.0.2.1", (ushort)p)).Distinct().Count().ShouldBe(5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NobodyLeft_Fails(string scheduler)
    {
        ServiceUnderTest service = Service(scheduler, "A");
        service.Weigh('A', 0);
        service.Pick().ShouldBe("-");
        service.Delete('A');
        service.Pick().ShouldBe("-");
    }
}
