using NetVS.Testing.Memory;
using NetVS.Testing.Randomness;

namespace NetVS.Sync.Tests.Fuzzing;

/// <summary>Mutated messages: nothing is read outside, every record that is not read is counted, what is read can be written again.</summary>
[Trait("Kind", "Fuzz")]
public sealed class SyncFuzzTests
{
    private const int Cases = 20_000;

    private static readonly byte[][] s_seeds = [.. Messages.Recorded("version1.hex"), .. Messages.Recorded("version0.hex"), WithOptions()];

    [Fact]
    public void MutatedMessages_DoNoHarm()
    {
        using var memory = new GuardedMemory(70_000);
        Seeds.Run(Cases, (random, _) => Try(memory, Mutate(random)));
    }

    private static void Try(GuardedMemory memory, byte[] message)
    {
        var tally = new SyncTally();
        var writer = new SyncMessageWriter(ushort.MaxValue);
        if (!SyncMessageReader.TryOpen(memory.AtEnd(message), 0, tally, out SyncMessageReader reader))
        {
            SyncCounts.All.Sum(tally.Read).ShouldBe(1);
            return;
        }

        int read = 0;
        while (reader.TryRead(out SyncRecord record, out SyncExtras extras))
        {
            read++;
            writer.Begin(1);
            writer.TryAppend(in record, in extras).ShouldBeTrue();
            SyncMessageReader.TryOpen(writer.Finish(0), 0, tally, out SyncMessageReader again).ShouldBeTrue();
            again.TryRead(out SyncRecord same, out SyncExtras sameExtras).ShouldBeTrue(Convert.ToHexString(message));
            same.ShouldBe(record with { Flags = record.Flags & ~SyncFlags.Hashed });
            sameExtras.EngineData.SequenceEqual(extras.EngineData).ShouldBeTrue();
        }

        int announced = message[0] == 0 && message.Length >= 8 && message[5] == 1 && message[6] == 0 && message[7] == 0 ? message[4] : message[0];
        long faults = SyncCounts.All.Sum(tally.Read);
        (read + faults).ShouldBeLessThanOrEqualTo(announced);
        if (read < announced) faults.ShouldBeGreaterThan(0, Convert.ToHexString(message));
    }

    private static byte[] Mutate(Random random)
    {
        byte[] octets = Mutator.Mutate(random, s_seeds);

        // Mostly of the length it says, else nothing behind the first check would be tried.
        if (octets.Length >= 4 && random.Next(8) != 0) (octets[2], octets[3]) = ((byte)(octets.Length >> 8), (byte)(octets.Length & 0xFF));
        return octets;
    }

    private static byte[] WithOptions()
    {
        var writer = new SyncMessageWriter(1000);
        var extras = new SyncExtras { HasSequence = true, Inbound = new SyncSequence(1, 2, 3), EngineData = "some-call"u8, EngineName = "sip"u8 };
        SyncRecord record = Messages.Tcp("203.0.113.7:1", "203.0.113.80:5060", "192.168.1.10:5060", 1, 900, SyncFlags.Sequence);
        for (int i = 0; i < 4; i++) writer.TryAppend(in record, in extras);
        return writer.Finish(3).ToArray();
    }
}
