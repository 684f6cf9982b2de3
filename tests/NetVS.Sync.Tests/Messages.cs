using NetVS.Packets;

namespace NetVS.Sync.Tests;

/// <summary>Records and messages as tests write them.</summary>
internal static class Messages
{
    public const uint Nat = 0, DirectRouting = 3;

    /// <summary>Octets from hexadecimal text; blanks and bars do not count.</summary>
    public static byte[] Hex(string text) => Convert.FromHexString(string.Concat(text.Where(char.IsAsciiHexDigit)));

    /// <summary>The datagrams of a recording.</summary>
    public static byte[][] Recorded(string name) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Recorded", name)).Where(l => l.Length > 0 && l[0] != '#').Select(Hex),
    ];

    public static SyncRecord Tcp(string client, string virtualEnd, string real, ushort state, uint timeout, uint flags = 0) => new()
    {
        Protocol = IpProtocol.Tcp, State = state, Timeout = timeout, Flags = flags,
        Client = Address(client), ClientPort = Port(client), Virtual = Address(virtualEnd), VirtualPort = Port(virtualEnd),
        Real = Address(real), RealPort = Port(real),
    };

    /// <summary>A message with these records.</summary>
    public static byte[] Write(int version, byte syncId, params SyncRecord[] records)
    {
        var writer = new SyncMessageWriter(65507);
        writer.Begin(version);
        foreach (SyncRecord record in records) writer.TryAppend(in record, default).ShouldBeTrue();
        return writer.Finish(syncId).ToArray();
    }

    /// <summary>All records of a message, and what was wrong with it.</summary>
    public static (List<SyncRecord> Records, SyncTally Tally) Read(ReadOnlySpan<byte> message, byte syncId = 0)
    {
        var tally = new SyncTally();
        List<SyncRecord> records = [];
        if (SyncMessageReader.TryOpen(message, syncId, tally, out SyncMessageReader reader))
            while (reader.TryRead(out SyncRecord record, out _)) records.Add(record);
        return (records, tally);
    }

    public static string Describe(SyncRecord r) =>
        $"{r.Protocol} {new IpEndpoint(r.Client, r.ClientPort)} {new IpEndpoint(r.Virtual, r.VirtualPort)} {new IpEndpoint(r.Real, r.RealPort)} " +
        $"state {r.State} flags {r.Flags:x} timeout {r.Timeout} mark {r.Mark}";

    private static IpAddress Address(string end) => IpAddress.Parse(end[..end.LastIndexOf(':')].Trim('[', ']'));

    private static ushort Port(string end) => ushort.Parse(end[(end.LastIndexOf(':') + 1)..]);
}
