using NetVS.Sync.Peers;
using NetVS.Testing.Memory;
using NetVS.Testing.Randomness;

namespace NetVS.Sync.Tests.Fuzzing;

/// <summary>Mutated streams of frames: nothing is read outside, each record is read or counted, what is read can be written and read again.</summary>
[Trait("Kind", "Fuzz")]
public sealed class PeerFuzzTests
{
    private const int Cases = 20_000;

    [Fact]
    public void MutatedStreams_DoNoHarm()
    {
        using var memory = new GuardedMemory(70_000);
        Seeds.Run(Cases, (random, _) => Try(memory, Mutate(random)));
    }

    private static void Try(GuardedMemory memory, byte[] stream)
    {
        ReadOnlySpan<byte> octets = memory.AtEnd(stream);
        while (PeerFrameReader.TryTakeFrame(ref octets, out PeerFrameKind kind, out ReadOnlySpan<byte> body))
        {
            if (kind == PeerFrameKind.Hello) PeerFrameReader.TryReadHello(body, out _);
            if (kind is PeerFrameKind.Begin or PeerFrameKind.End) PeerFrameReader.TryReadCount(body, out _);
            if (kind == PeerFrameKind.Record) TryRecord(body);
        }
    }

    private static void TryRecord(ReadOnlySpan<byte> body)
    {
        var tally = new SyncTally();
        if (!PeerFrameReader.TryReadRecord(body, tally, out PeerRecord record, out SyncExtras engine))
        {
            (SyncCounts.All.Sum(tally.Read) - tally.Read(SyncCount.PeerFramesSkipped)).ShouldBe(1, Convert.ToHexString(body));
            return;
        }

        byte[] again = new byte[PeerWire.LongestWritten];
        int length = PeerFrameWriter.WriteRecord(again, in record, engine.EngineName, engine.EngineData);
        PeerFrameReader.TryReadRecord(again.AsSpan(PeerWire.Header, length - PeerWire.Header), tally, out PeerRecord same, out SyncExtras sameEngine).ShouldBeTrue(Convert.ToHexString(body));
        same.ShouldBe(record with { Entry = record.Entry with { Flags = record.Entry.Flags & ~SyncFlags.Hashed } });
        sameEngine.EngineData.SequenceEqual(engine.EngineData).ShouldBeTrue();
    }

    private static byte[] Mutate(Random random)
    {
        List<byte> octets = [];
        byte[] frame = new byte[PeerWire.LongestWritten];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            PeerRecord record = Draw(random);
            string key = random.Next(3) == 0 && record.Entry.IsTemplate ? new string('k', random.Next(1, 256)) : "";
            int length = PeerFrameWriter.WriteRecord(frame, in record, key.Length > 0 ? "sip"u8 : [], System.Text.Encoding.ASCII.GetBytes(key));
            octets.AddRange(frame[..length]);
        }

        return Mutator.Mutate(random, [[.. octets]]);
    }

    private static PeerRecord Draw(Random random)
    {
        bool isV6 = random.Next(2) == 0;
        SyncRecord entry = isV6 ? Messages.Tcp("[2001:db8::7]:1", "[2001:db8::1]:80", "[fd00::2]:80", 1, 900) : Messages.Tcp("203.0.113.7:1", "192.0.2.1:80", "10.0.0.2:80", 1, 900);
        return random.Next(5) switch
        {
            0 => new PeerRecord { Entry = entry with { Flags = SyncFlags.Template } },
            1 => new PeerRecord { Entry = entry with { Flags = SyncFlags.Sequence, Inbound = new SyncSequence(1, 2, 3) } },
            2 => new PeerRecord { Entry = entry, Local = entry.Real, LocalPort = 5000, FullNatState = 7 },
            3 => new PeerRecord { Entry = entry, Announcement = PeerAnnouncement.FromServer, ControlClientPort = 7, ControlVirtualPort = 21 },
            _ => new PeerRecord { Entry = entry, IsLearned = true },
        };
    }
}
