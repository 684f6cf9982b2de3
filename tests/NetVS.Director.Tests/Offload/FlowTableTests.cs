using System.Buffers.Binary;
using NetVS.Director.Offload;
using NetVS.Packets;
using NetVS.Testing.Flows;
using NetVS.Testing.Memory;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Offload;

/// <summary>Lines are found by who follows bpf/flow.h, and by nobody once they are gone.</summary>
public sealed class FlowTableTests
{
    [Fact]
    public void TryClaim_TakesTheHomeFirst_ThenTheOtherWays_ThenTheSecondBucket()
    {
        using var memory = new FlowTestMemory(buckets: 16);
        FlowTable<Ipv4Address> table = TableV4(memory);
        Flow<Ipv4Address>[] same = [.. SameBucket(memory, 9)];
        int[] lines = new int[9];
        for (int i = 0; i < 8; i++) lines[i] = Install(table, in same[i]);

        (lines[0] % FlowAbi.Ways).ShouldBe(HomeOf(memory, in same[0]));
        int bucket = lines[0] / FlowAbi.Ways * FlowAbi.Ways;
        lines[..4].Order().ShouldBe([bucket, bucket + 1, bucket + 2, bucket + 3]);
        lines[4..8].ShouldAllBe(line => line / FlowAbi.Ways != lines[0] / FlowAbi.Ways);
        OverflowOf(memory, lines[0]).ShouldBe(4);
        table.Count.ShouldBe(8);
        for (int i = 0; i < 8; i++) Find(memory, in same[i]).ShouldBe(lines[i]);
    }

    [Fact]
    public void TryClaim_InATableHalfFull_HasTwoThirdsAtHome()
    {
        using var memory = new FlowTestMemory(buckets: 1024);
        FlowTable<Ipv4Address> table = TableV4(memory);
        int home = 0, count = table.Length / 2;
        for (int i = 0; i < count; i++)
        {
            Flow<Ipv4Address> flow = FlowV4(i);
            if (Install(table, in flow) % FlowAbi.Ways == HomeOf(memory, in flow)) home++;
        }

        home.ShouldBeGreaterThan(count * 2 / 3);
    }

    [Fact]
    public void TryClaim_WithBothBucketsFull_Refuses_AndChangesNothing()
    {
        using var memory = new FlowTestMemory(buckets: 2);
        FlowTable<Ipv4Address> table = TableV4(memory);
        Flow<Ipv4Address>[] same = [.. SameBucket(memory, 9)];
        for (int i = 0; i < 8; i++) Install(table, in same[i]);

        table.TryClaim(in same[8], 0, 0, out int line).ShouldBe(FlowClaim.Full);

        line.ShouldBe(-1);
        table.Count.ShouldBe(8);
        OverflowOf(memory, Find(memory, in same[0])).ShouldBe(4);
    }

    [Fact]
    public void TryClaim_OfPacketsThatHaveALine_Refuses()
    {
        using var memory = new FlowTestMemory(buckets: 16);
        FlowTable<Ipv4Address> table = TableV4(memory);
        Flow<Ipv4Address>[] same = [.. SameBucket(memory, 5)];
        for (int i = 0; i < 5; i++) Install(table, in same[i]);

        table.TryClaim(in same[0], 0, 0, out _).ShouldBe(FlowClaim.Exists);
        table.TryClaim(in same[4], 0, 0, out _).ShouldBe(FlowClaim.Exists, "the one in the second bucket, too");
    }

    [Fact]
    public void Remove_FreesTheLine_KeepsItsGeneration_AndTakesTheOverflowBack()
    {
        using var memory = new FlowTestMemory(buckets: 16);
        FlowTable<Ipv4Address> table = TableV4(memory);
        Flow<Ipv4Address>[] same = [.. SameBucket(memory, 5)];
        int[] lines = new int[5];
        for (int i = 0; i < 5; i++) lines[i] = Install(table, in same[i]);
        uint version = table.VersionOf(lines[4]);

        table.Remove(lines[4]);
        table.VersionOf(lines[4]).ShouldBe((version & ~FlowAbi.StateMask) | FlowAbi.Free);
        OverflowOf(memory, lines[0]).ShouldBe(0);
        Find(memory, in same[4]).ShouldBe(-1);

        table.Remove(lines[0]);
        Install(table, in same[4]).ShouldBe(lines[0], "the free way of the first bucket");
        table.VersionOf(lines[0]).ShouldBe((2 * FlowAbi.Generation) | FlowAbi.Live, "given out twice");
        table.Count.ShouldBe(4);
    }

    [Fact]
    public void Rewrite_ChangesWhatIsDone_TakesANewGeneration_AndLeavesWhatTheProgramWrites()
    {
        using var memory = new FlowTestMemory();
        FlowTable<Ipv4Address> table = TableV4(memory);
        Flow<Ipv4Address> flow = FlowV4(1);
        int line = Install(table, in flow);
        ref FlowState state = ref table.StateOf(line);
        (state.LastSeen, state.Packets, state.Report, state.Pair) = (77, 5, 0x1203, 9);
        uint version = table.VersionOf(line);
        flow.Hop = 33;
        flow.IpMtu = 1280;
        table.Says(line, in flow).ShouldBeFalse();

        table.Rewrite(line, in flow);

        table.Says(line, in flow).ShouldBeTrue();
        table.VersionOf(line).ShouldBe(version + FlowAbi.Generation);
        (state.LastSeen, state.Packets, state.Report, state.Pair).ShouldBe((77u, 5u, 0x1203u, 9u));
        table.TryRead(line, out Flow<Ipv4Address> read).ShouldBeTrue();
        read.ShouldBe(flow);
    }

    [Fact]
    public void Overflow_OfAFirstLineThatIsFreedAndTakenAgain_Stays()
    {
        using var memory = new FlowTestMemory(buckets: 16);
        FlowTable<Ipv4Address> table = TableV4(memory);
        Flow<Ipv4Address>[] same = [.. SameBucket(memory, 6)];
        for (int i = 0; i < 5; i++) Install(table, in same[i]);
        int first = Find(memory, in same[0]);

        table.Remove(first);
        Install(table, in same[5]).ShouldBe(first);

        OverflowOf(memory, first).ShouldBe(1);
        Find(memory, in same[4]).ShouldNotBe(-1);
    }

    [Fact]
    public void V6_IsFound_AndReadBack()
    {
        using var memory = new FlowTestMemory(buckets: 16);
        FlowTable<Ipv6Address> table = new FlowLines<FlowLayoutV6, FlowLineV6, Ipv6Address>(memory.Memory.LinesV6, memory.Memory.Config);
        var twin = new FlowTwin(memory, (_, _) => null);
        byte[] ends = new byte[32], ports = new byte[4];
        for (int i = 0; i < 40; i++)
        {
            Flow<Ipv6Address> flow = FlowV6(i);
            table.TryClaim(in flow, 0, 0, out int line).ShouldBe(FlowClaim.Taken);
            table.Publish(line);
            flow.Source.Write(ends);
            flow.Target.Write(ends.AsSpan(16));
            BinaryPrimitives.WriteUInt16BigEndian(ports, flow.SourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(ports.AsSpan(2), flow.TargetPort);
            twin.TryFind(ends, ports, (byte)flow.Protocol, out FlowTwin.Line found).ShouldBeTrue();
            found.Index.ShouldBe((uint)line);
            Ipv6Address.Read(found.NewSource).ShouldBe(flow.NewSource);
            Ipv6Address.Read(found.NewTarget).ShouldBe(flow.NewTarget);
            table.TryRead(line, out Flow<Ipv6Address> read).ShouldBeTrue();
            read.ShouldBe(flow);
        }
    }

    [Fact]
    public void AnySequence_IsADictionary() => Seeds.Run(30, (random, seed) =>
    {
        using var memory = new FlowTestMemory(buckets: 1 << random.Next(0, 6), key: seed);
        FlowTable<Ipv4Address> table = TableV4(memory);
        var lines = new Dictionary<int, int>();
        for (int step = 0; step < 3000; step++)
        {
            int number = random.Next(300);
            Flow<Ipv4Address> flow = FlowV4(number);
            switch (random.Next(4))
            {
                case 0 or 1:
                    FlowClaim claim = table.TryClaim(in flow, 0, 0, out int line);
                    if (lines.ContainsKey(number)) claim.ShouldBe(FlowClaim.Exists);
                    if (claim != FlowClaim.Taken) break;
                    Find(memory, in flow).ShouldBe(-1, "nobody sees a line that is not published");
                    table.Publish(line);
                    lines.Add(number, line);
                    break;
                case 2 when lines.Remove(number, out int removed):
                    table.Remove(removed);
                    break;
                case 3 when lines.TryGetValue(number, out int rewritten):
                    flow.Hop = (ushort)random.Next(100);
                    table.Rewrite(rewritten, in flow);
                    break;
            }

            Find(memory, in flow).ShouldBe(lines.GetValueOrDefault(number, -1));
            table.Count.ShouldBe(lines.Count);
        }

        foreach ((int number, int line) in lines) Find(memory, FlowV4(number)).ShouldBe(line);
        foreach (int line in lines.Values) table.Remove(line);
        table.Count.ShouldBe(0);
        for (int line = 0; line < table.Length; line += FlowAbi.Ways) OverflowOf(memory, line).ShouldBe(0);
    });

    // Every field of a line in force follows from one number, which each rewriting changes: a reader that follows the program's
    // protocol must never meet fields of two.
    [Fact]
    public async Task Reader_BesideConcurrentWriters_NeverSeesATornLine()
    {
        using var memory = new FlowTestMemory(buckets: 4);
        FlowTable<Ipv4Address> table = TableV4(memory);
        using var stop = new CancellationTokenSource();

        // Threads of their own: the pool's are busy with other tests.
        Task[] writers = [.. Enumerable.Range(0, 2).Select(worker =>
            Task.Factory.StartNew(() => Write(table, worker, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        var twin = new FlowTwin(memory, (_, _) => null);
        const long Enough = 1_000_000;
        long found = 0, giveUp = Environment.TickCount64 + 60_000;
        try
        {
            while (found < Enough && Environment.TickCount64 < giveUp)
            {
                for (int number = 0; number < 24; number++)
                {
                    if (!TryFind(twin, FlowV4(number), out FlowTwin.Line line)) continue;
                    found++;
                    uint salt = BinaryPrimitives.ReadUInt32LittleEndian(line.NewSource);
                    line.State.Connection.ShouldBe(number % 2 == 0 ? salt : salt | 0x8000_0000);
                    BinaryPrimitives.ReadUInt32LittleEndian(line.NewTarget).ShouldBe(~salt);
                    line.Hop.ShouldBe(unchecked((ushort)BinaryPrimitives.ReverseEndianness(salt)));
                    line.State.IpMtu.ShouldBe(line.Hop);
                    line.State.SequenceDelta.ShouldBe(unchecked(salt * 3));
                }
            }
        }
        finally
        {
            // The memory must outlive them.
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        found.ShouldBeGreaterThanOrEqualTo(Enough);
        table.Count.ShouldBe(0);
        for (int line = 0; line < table.Length; line += FlowAbi.Ways) OverflowOf(memory, line).ShouldBe(0);
    }

    [Fact]
    public void Everything_AllocatesNothing()
    {
        using var memory = new FlowTestMemory();
        FlowTable<Ipv4Address> table = TableV4(memory);
        Flow<Ipv4Address> flow = FlowV4(1);
        Allocations.Measure(1000, () =>
        {
            table.TryClaim(in flow, 0, 0, out int line);
            table.Publish(line);
            table.Rewrite(line, in flow);
            table.Suspend(line);
            table.Remove(line);
        }).ShouldBe(0);
    }

    private static void Write(FlowTable<Ipv4Address> table, int worker, CancellationToken stop)
    {
        var random = new Random(worker);
        var lines = new Dictionary<int, int>();
        while (!stop.IsCancellationRequested)
        {
            int number = (random.Next(12) * 2) + worker;
            uint salt = (uint)random.Next(1, int.MaxValue);
            Flow<Ipv4Address> flow = FlowV4(number);
            flow.NewSource = new Ipv4Address(BinaryPrimitives.ReverseEndianness(salt));
            flow.NewTarget = new Ipv4Address(BinaryPrimitives.ReverseEndianness(~salt));
            flow.Hop = flow.IpMtu = unchecked((ushort)BinaryPrimitives.ReverseEndianness(salt));
            flow.SequenceDelta = unchecked(salt * 3);
            flow.Connection = worker == 0 ? salt : salt | 0x8000_0000;
            if (lines.TryGetValue(number, out int line))
            {
                if (random.Next(3) != 0)
                {
                    table.Rewrite(line, in flow);
                    continue;
                }

                table.Remove(line);
                lines.Remove(number);
            }
            else if (table.TryClaim(in flow, 0, 0, out line) == FlowClaim.Taken)
            {
                table.Publish(line);
                lines.Add(number, line);
            }
        }

        foreach (int line in lines.Values) table.Remove(line);
    }

    internal static FlowTable<Ipv4Address> TableV4(FlowTestMemory memory) =>
        new FlowLines<FlowLayoutV4, FlowLineV4, Ipv4Address>(memory.Memory.LinesV4, memory.Memory.Config);

    private static int Install(FlowTable<Ipv4Address> table, in Flow<Ipv4Address> flow)
    {
        table.TryClaim(in flow, 0, 0, out int line).ShouldBe(FlowClaim.Taken);
        table.Publish(line);
        return line;
    }

    private static int OverflowOf(FlowTestMemory memory, int line) => memory.Memory.LinesV4[line / FlowAbi.Ways * FlowAbi.Ways].State.Overflow;

    private static int HomeOf(FlowTestMemory memory, in Flow<Ipv4Address> flow) =>
        (int)(FlowLayoutV4.HashOf(in memory.Memory.Config[0].Key, in flow) >> 30);

    internal static int Find(FlowTestMemory memory, in Flow<Ipv4Address> flow) =>
        TryFind(new FlowTwin(memory, (_, _) => null), in flow, out FlowTwin.Line line) ? (int)line.Index : -1;

    private static bool TryFind(FlowTwin twin, in Flow<Ipv4Address> flow, out FlowTwin.Line line)
    {
        Span<byte> ends = stackalloc byte[8], ports = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(ends, flow.Source.Value);
        BinaryPrimitives.WriteUInt32BigEndian(ends[4..], flow.Target.Value);
        BinaryPrimitives.WriteUInt16BigEndian(ports, flow.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(ports[2..], flow.TargetPort);
        return twin.TryFind(ends, ports, (byte)flow.Protocol, out line);
    }

    /// <summary>Flows with one first bucket: the second one differs unless it can't.</summary>
    private static IEnumerable<Flow<Ipv4Address>> SameBucket(FlowTestMemory memory, int count)
    {
        uint mask = memory.Memory.Config[0].BucketMaskV4;
        var found = new List<Flow<Ipv4Address>>();
        uint? firstBucket = null, secondBucket = null;
        for (int i = 0; found.Count < count; i++)
        {
            Flow<Ipv4Address> flow = FlowV4(i);
            uint hash = FlowLayoutV4.HashOf(in memory.Memory.Config[0].Key, in flow);
            uint first = hash & mask, second = unchecked(first ^ ((hash >> 20 | 1) * 0x9e3779b1)) & mask;
            if (first != (firstBucket ??= first) || second != (secondBucket ??= second)) continue;
            found.Add(flow);
        }

        return found;
    }

    internal static Flow<Ipv4Address> FlowV4(int number) => new()
    {
        Source = new Ipv4Address(0xCB00_7100 + (uint)number),
        Target = new Ipv4Address(0xC000_0201),
        SourcePort = unchecked((ushort)(1024 + number)),
        TargetPort = 80,
        NewSource = new Ipv4Address(0xCB00_7100 + (uint)number),
        NewTarget = new Ipv4Address(0x0A01_000A),
        NewSourcePort = unchecked((ushort)(1024 + number)),
        NewTargetPort = 8080,
        Protocol = IpProtocol.Tcp,
        Action = FlowAction.Rewrite,
        Hop = 3,
        IpMtu = 1500,
        SequenceDelta = 7,
        Counter = 2,
        Timeout = 900,
        Connection = 1 + (uint)number,
        Worker = 0,
    };

    private static Flow<Ipv6Address> FlowV6(int number) => new()
    {
        Source = new Ipv6Address(0x2001_0DB8_000F_0000, 7 + (ulong)number),
        Target = new Ipv6Address(0x2001_0DB8_0000_0000, 0x80),
        SourcePort = (ushort)(1024 + number),
        TargetPort = 80,
        NewSource = new Ipv6Address(0x2001_0DB8_000F_0000, 7),
        NewTarget = new Ipv6Address(0x2001_0DB8_000B_0000, 0x10),
        NewSourcePort = (ushort)(1024 + number),
        NewTargetPort = 8080,
        Protocol = IpProtocol.Udp,
        Action = FlowAction.Rewrite | FlowAction.Reply,
        Hop = 3,
        IpMtu = 1500,
        Counter = 2,
        Timeout = 300,
        Connection = 1 + (uint)number,
        Worker = 1,
    };
}
