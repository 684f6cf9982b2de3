using NetVS.Director.Scheduling;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Scheduling;

/// <summary>sh and dh.</summary>
public sealed class HashingSchedulerTests
{
    [Theory]
    [InlineData(0xC0000201, 50, 203)]
    [InlineData(0xC0000202, 148, 594)]
    [InlineData(0x0A000001, 39, 159)]
    [InlineData(0xC6340047, 79, 316)]
    [InlineData(0x20010DB9, 63, 252)]
    [InlineData(0x20013DF2, 157, 631)]
    public void Hash_ReferenceVectors(uint value, uint ofEight, uint ofTen)
    {
        WeightMath.Hash(value, 8).ShouldBe(ofEight);
        WeightMath.Hash(value, 10).ShouldBe(ofTen);
    }

    [Fact]
    public void Sh_ReferenceVectors()
    {
        // Buckets 0, 1, 2, … = C B B A C B B A …: 50 mod 4 = 2: B; 148: 0: C; 171: 3: A, of weight 0, so the connection fails.
        var service = new ServiceUnderTest("sh", "C:1 B:2 A:0");
        service.PickFor("192.0.2.1").ShouldBe('B');
        service.PickFor("192.0.2.2").ShouldBe('C');
        service.PickFor("198.51.100.7").ShouldBe('-');
    }

    [Fact]
    public void ShFallback_ProbesFromTwiceTheHomeBucket()
    {
        // Home 171; the first probe is 171 + 171 mod 256 = 86: 86 mod 4 = 2: B.
        new ServiceUnderTest("sh", "C:1 B:2 A:0", ServiceFlags.Scheduler1).PickFor("198.51.100.7").ShouldBe('B');
    }

    [Fact]
    public void ShPort_HashesThePortOfTcpUdpAndSctp()
    {
        // 198.51.100.7 and port 40000: bucket 79: 3: A. Weight 1 here, so that it can be chosen.
        var service = new ServiceUnderTest("sh", "C:1 B:2 A:1", ServiceFlags.Scheduler2);
        service.PickFor("198.51.100.7", 40000).ShouldBe('A');
        ServiceUnderTest.Name(service.Schedule("198.51.100.8", 39999)).ShouldBe('A'); // the same sum
        ServiceUnderTest.Name(service.Schedule("192.0.2.1", 1, protocol: IpProtocol.Esp)).ShouldBe('B'); // no port: bucket 50
    }

    [Fact]
    public void Sh_Shares_FollowWeightsAndZeroTakesABucket()
    {
        // 256 buckets in runs of 4: C 64, B 128, A 64 (weight 0 takes one a run). A key for each bucket by its inverse.
        var service = new ServiceUnderTest("sh", "C:1 B:2 A:0");
        Dictionary<char, int> shares = [];
        for (uint bucket = 0; bucket < 256; bucket++)
        {
            uint key = 0;
            while (WeightMath.Hash(key, 8) != bucket) key++;
            char chosen = service.PickFor(new Ipv4Address(key).ToString());
            shares[chosen] = shares.GetValueOrDefault(chosen) + 1;
        }

        shares.ShouldBe(new Dictionary<char, int> { ['C'] = 64, ['B'] = 128, ['-'] = 64 }, ignoreOrder: true);
    }

    [Fact]
    public void Sh_WeightsAbove256_StarveTheTail()
    {
        var service = new ServiceUnderTest("sh", "B:300 A:1");
        for (int host = 1; host < 255; host++) service.PickFor($"192.0.2.{host}").ShouldBe('B');
    }

    [Fact]
    public void Sh_OverloadedHome_FailsWithoutFallback()
    {
        var service = new ServiceUnderTest("sh", "C:1 B:2 A:1");
        service.PickFor("192.0.2.1").ShouldBe('B');
        service.Overload('B');
        service.PickFor("192.0.2.1").ShouldBe('-');
        service.Relieve('B');
        service.PickFor("192.0.2.1").ShouldBe('B');
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("mh")]
    public void Fallback_NobodyEligible_FailsAfterAllProbes(string scheduler)
    {
        var service = new ServiceUnderTest(scheduler, "B:1 A:1", ServiceFlags.Scheduler1);
        service.Weigh('A', 0);
        service.Overload('B');
        service.PickFor("192.0.2.1").ShouldBe('-');
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("dh")]
    [InlineData("mh")]
    public void NoServersLeft_Fails(string scheduler)
    {
        var service = new ServiceUnderTest(scheduler, "", ServiceFlags.Scheduler1);
        service.Pick().ShouldBe("-");
        service.Add('A', 1);
        service.Pick().ShouldBe("A");
        service.Delete('A');
        service.Pick().ShouldBe("-");
    }

    [Fact]
    public void Sh_Edits_RefillTheTable()
    {
        var service = new ServiceUnderTest("sh", "B:1 A:1"); // B A B A …: 192.0.2.1 has bucket 50: B
        service.PickFor("192.0.2.1").ShouldBe('B');
        service.Weigh('B', 2); // B B A …: 50 mod 3 = 2: A
        service.PickFor("192.0.2.1").ShouldBe('A');
        service.Add('C', 1); // C B B A …: 50 mod 4 = 2: B
        service.PickFor("192.0.2.1").ShouldBe('B');
        service.Delete('B'); // C A …: C
        service.PickFor("192.0.2.1").ShouldBe('C');
    }

    [Fact]
    public void Dh_AddressDecidesWeightsDoNot()
    {
        // Buckets C B A C B A …: 192.0.2.10 is 0xC000020A; its bucket by hand from the multiplicative hash.
        var service = new ServiceUnderTest("dh", "C:9 B:1 A:1");
        string[] addresses = ["192.0.2.1", "192.0.2.2", "10.0.0.1"]; // buckets 50, 148, 39: 2, 1, 0
        string.Concat(addresses.Select(a => ServiceUnderTest.Name(service.Schedule("198.51.100.7", 1, a)))).ShouldBe("ABC");
        string.Concat(addresses.Select(a => ServiceUnderTest.Name(service.Schedule("203.0.113.9", 2, a)))).ShouldBe("ABC");
    }

    [Fact]
    public void Dh_WeightZeroOrOverloaded_KeepsItsBucketsAndFails()
    {
        var service = new ServiceUnderTest("dh", "C:9 B:1 A:1");
        service.Weigh('B', 0);
        service.Overload('C');
        string.Concat(new[] { "192.0.2.1", "192.0.2.2", "10.0.0.1" }.Select(a => ServiceUnderTest.Name(service.Schedule("198.51.100.7", 1, a))))
            .ShouldBe("A--");
    }

    [Fact]
    public void Dh_AddAndDelete_RefillTheTable()
    {
        var service = new ServiceUnderTest("dh", "B A"); // 192.0.2.1: bucket 50: B
        ServiceUnderTest.Name(service.Schedule("198.51.100.7", 1, "192.0.2.1")).ShouldBe('B');
        service.Add('C', 1); // 50 mod 3 = 2: A
        ServiceUnderTest.Name(service.Schedule("198.51.100.7", 1, "192.0.2.1")).ShouldBe('A');
        service.Delete('A'); // C B: C
        ServiceUnderTest.Name(service.Schedule("198.51.100.7", 1, "192.0.2.1")).ShouldBe('C');
    }
}
