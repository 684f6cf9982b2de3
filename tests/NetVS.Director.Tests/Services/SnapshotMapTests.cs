using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Services;

public sealed class SnapshotMapTests
{
    [Fact]
    public void AnySequenceOfChanges_SameAsADictionary() => Seeds.Run(20, (random, _) =>
    {
        SnapshotMap<int> map = SnapshotMap<int>.Empty;
        Dictionary<EndpointKey, int> twin = [];
        SnapshotMap<int> early = map;
        Dictionary<EndpointKey, int> earlyTwin = [];
        int keys = 1 + random.Next(400);
        bool isDraft = false;
        for (int step = 0; step < 2000; step++)
        {
            // What follows changes a draft in place, and must leave the map it was made of alone.
            if (random.Next(200) == 0 || step == 700)
            {
                map = isDraft ? map.Final() : step == 700 ? map : map.Draft();
                isDraft = step != 700 && !isDraft;
            }

            EndpointKey key = KeyOf(random.Next(keys));
            if (twin.Remove(key)) map = map.Without(key);
            else
            {
                map = map.With(key, step);
                twin.Add(key, step);
            }

            if (step == 700)
            {
                early = map;
                earlyTwin = new(twin);
                map = map.Draft();
                isDraft = true;
            }
        }

        Compare(map, twin, keys);
        Compare(early, earlyTwin, keys);
    });

    [Fact]
    public void Keys_DifferByEveryPart()
    {
        EndpointKey[] keys =
        [
            new(IpProtocol.Tcp, Ipv4Address.Of(0, 0, 0, 1), 80),
            new(IpProtocol.Udp, Ipv4Address.Of(0, 0, 0, 1), 80),
            new(IpProtocol.Tcp, Ipv4Address.Of(0, 0, 0, 2), 80),
            new(IpProtocol.Tcp, Ipv4Address.Of(0, 0, 0, 1), 81),
            new(IpProtocol.Tcp, new Ipv6Address(0, 1), 80),
            new(IpProtocol.Tcp, new Ipv6Address(1, 1), 80),
            new(IpFamily.V4, 1),
            new(IpFamily.V6, 1),
        ];
        keys.Distinct().Count().ShouldBe(keys.Length);
        EndpointKey.Of(IpProtocol.Tcp, IpAddress.Parse("0.0.0.1"), 80).ShouldBe(keys[0]);
        EndpointKey.Of(IpProtocol.Tcp, IpAddress.Parse("::1"), 80).ShouldBe(keys[4]);
    }

    private static void Compare(SnapshotMap<int> map, Dictionary<EndpointKey, int> twin, int keys)
    {
        map.Count.ShouldBe(twin.Count);
        for (int i = 0; i < keys; i++)
        {
            map.TryFind(KeyOf(i), out int value).ShouldBe(twin.TryGetValue(KeyOf(i), out int expected));
            value.ShouldBe(expected);
        }
    }

    private static EndpointKey KeyOf(int number) => number % 2 == 0
        ? new(IpProtocol.Tcp, new Ipv4Address((uint)number), (ushort)(number % 7))
        : new(IpProtocol.Udp, new Ipv6Address((ulong)number << 40, 1), 0);
}
