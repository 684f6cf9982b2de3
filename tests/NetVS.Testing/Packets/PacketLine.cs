using System.Buffers.Binary;
using System.Globalization;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Testing.Packets;

/// <summary>Reads the one-line syntax of packets that golden fixtures use and <see cref="PacketDescriber"/> prints.</summary>
/// <remarks>
/// <code>
/// [mac A > B] [vlan ID [prio P]]… [pad] [cut MTU/N] IP | [mac A > B] recorded HEX
/// IP    ipv4|ipv6 A > B {ttl N, tos N, id N|any, df, flow N, frag OFFSET[+], fragid N, opts HEX, hbh, dstopt, rh} L4
/// L4    tcp S > D FLAGS {seq N, ack N, win N, urg N, mss N, wscale N, sackok, sack A-B[,…], ts V E, nop, toa END, opt HEX} DATA
///       udp S|any > D {nosum} DATA | udp S > D gue [remcsum START POSITION] IP
///       sctp S > D CHUNK [tag N] [badsum] DATA
///       icmp TYPE/CODE [rest N] [badsum] quote|quote[N] IP | icmp TYPE/CODE [rest N] DATA
///       proto N DATA | gre [csum] IP | IP
/// DATA  {len N, data HEX, text WORD, line WORD, partial, gso N, badsum, sumof END > END}
/// </code>
/// FLAGS are S F R P . U E W as tcpdump prints them ("." is ACK), or "none". "cut MTU/N" is the Nth fragment, from 0, of the packet cut
/// to an IP MTU. "quote[N]" quotes the first N octets. "line" is a text with _ for spaces, and CRLF behind it. "sumof" takes the L4 checksum of the same segment between other ends. "any" is
/// taken from the packet compared with. "recorded" is a packet another implementation sent, from its IP header on; see
/// <see cref="RecordedPacket"/> for what of it is not compared. A number of TCP or UDP may be a variable, <c>$name</c> with <c>+N</c> or <c>-N</c>: where it is not known yet it
/// is learned from the packet compared with. MACs may be written as names the context knows.
/// </remarks>
public sealed class PacketLine
{
    // The port of GUE tunnels in fixtures, IANA's.
    private const ushort GuePort = 6080;

    private readonly string[] _words;
    private readonly PacketLineContext _context;
    private readonly List<(PacketField Field, string Name)> _unknown = [];
    private int _at;

    private PacketLine(string text, byte ttl, PacketLineContext context)
    {
        _words = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        _context = context;
        DefaultTtl = ttl;
    }

    /// <summary>Whether MACs were written.</summary>
    public bool HasMacs { get; private set; }

    /// <summary>The first VLAN tag's id, or 0.</summary>
    public ushort VlanId { get; private set; }

    /// <summary>Whether the outermost IPv4 identification is not compared.</summary>
    public bool HasAnyId { get; private set; }

    /// <summary>Whether the outermost UDP source port is not compared.</summary>
    public bool HasAnySourcePort { get; private set; }

    private byte DefaultTtl { get; }

    private MacAddress Source { get; set; }

    private MacAddress Destination { get; set; }

    private (int IpMtu, int Index)? Cut { get; set; }

    private byte[]? Recorded { get; set; }

    private bool IsPadded { get; set; }

    private List<(ushort Id, int Priority, ushort Type)> Tags { get; } = [];

    private PacketBuilder Builder { get; set; } = null!;

    /// <summary>Reads a line.</summary>
    /// <param name="text">The line.</param>
    /// <param name="ttl">TTL or hop limit where none is written, of the packet and of packets in it.</param>
    /// <param name="context">What names mean.</param>
    /// <exception cref="FormatException">The line is not in the syntax.</exception>
    public static PacketLine Parse(string text, byte ttl = 64, PacketLineContext? context = null)
    {
        var line = new PacketLine(text, ttl, context ?? new PacketLineContext());
        try
        {
            line.ReadLink();
            if (line.TryTake("recorded")) line.Recorded = Convert.FromHexString(line.Take());
            else line.Builder = new PacketLineIp(line).Read(line.DefaultTtl, true);
            if (line._at < line._words.Length) throw new FormatException($"'{line._words[line._at]}' is not understood here");
            return line;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw new FormatException($"{e.Message}, in the packet '{text}' at word {line._at + 1}", e);
        }
    }

    /// <summary>Builds the frame.</summary>
    /// <param name="source">The source MAC where none is written.</param>
    /// <param name="destination">The destination MAC where none is written.</param>
    public byte[] Build(MacAddress source, MacAddress destination)
    {
        if (Recorded is { } packet)
        {
            OctetWriter frame = new();
            byte[] macs = new byte[12];
            (HasMacs ? Destination : destination).Write(macs);
            (HasMacs ? Source : source).Write(macs.AsSpan(6));
            return frame.Octets(macs).U16(packet[0] >> 4 == 4 ? EtherType.Ipv4 : EtherType.Ipv6).Octets(packet).ToArray();
        }

        Builder.Macs(HasMacs ? Source : source, HasMacs ? Destination : destination);
        return Cut is { } cut ? Builder.BuildFragments(cut.IpMtu, FragmentId)[cut.Index] : Builder.Build();
    }

    /// <summary>What is unfinished about the frame.</summary>
    public PacketOffload Offload => Recorded is null ? Builder.Offload() : default;

    internal uint FragmentId { get; set; }

    internal void TakeAnyId() => HasAnyId = true;

    internal void TakeAnySourcePort() => HasAnySourcePort = true;

    /// <summary>Fills what is not compared from the packet compared with.</summary>
    public void FillFrom(ReadOnlySpan<byte> actual)
    {
        if (Recorded is not null)
        {
            Recorded = RecordedPacket.Fit(Recorded, actual, GuePort);
            return;
        }

        if (!PacketShape.TryParse(actual, out PacketShape shape)) return;
        if (HasAnyId && shape.Family == IpFamily.V4) Builder.Id((ushort)shape.FragmentId);
        ReadOnlySpan<byte> l4 = actual.Slice(shape.L4Offset, shape.L4Length);
        if (HasAnySourcePort && l4.Length >= 2) Builder.SourcePort(BinaryPrimitives.ReadUInt16BigEndian(l4));
        foreach ((PacketField field, string name) in _unknown) Learn(field, name, l4);
    }

    private void Learn(PacketField field, string name, ReadOnlySpan<byte> l4)
    {
        (int at, int size) = field switch
        {
            PacketField.SourcePort => (0, 2), PacketField.DestinationPort => (2, 2), PacketField.Sequence => (4, 4), _ => (8, 4),
        };
        if (l4.Length < at + size) return;
        uint value = size == 2 ? BinaryPrimitives.ReadUInt16BigEndian(l4[at..]) : BinaryPrimitives.ReadUInt32BigEndian(l4[at..]);
        _context.Variables[name] = value;
        switch (field)
        {
            case PacketField.SourcePort: Builder.SourcePort((ushort)value); break;
            case PacketField.DestinationPort: Builder.DestinationPort((ushort)value); break;
            case PacketField.Sequence: Builder.Seq(value); break;
            default: Builder.AckNumber(value); break;
        }
    }

    internal string? Peek => _at < _words.Length ? _words[_at] : null;

    internal string Take() => _at < _words.Length ? _words[_at++] : throw new FormatException("something is missing at the end");

    internal bool TryTake(string word)
    {
        if (Peek != word) return false;
        _at++;
        return true;
    }

    internal void Expect(string word)
    {
        string found = Take();
        if (found != word) throw new FormatException($"'{word}' must stand where '{found}' is");
    }

    internal long TakeNumber() => long.Parse(Take(), CultureInfo.InvariantCulture);

    /// <summary>A number that may be a variable; an unknown one is 0 until it is learned.</summary>
    internal uint TakeNumber(PacketField field)
    {
        string word = Take();
        if (word[0] != '$') return uint.Parse(word, CultureInfo.InvariantCulture);
        int sign = word.IndexOfAny((char[])['+', '-']);
        string name = sign < 0 ? word : word[..sign];
        if (_context.Variables.TryGetValue(name, out uint value))
            return unchecked(value + (sign < 0 ? 0 : (uint)int.Parse(word[sign..], CultureInfo.InvariantCulture)));
        if (sign >= 0) throw new FormatException($"{name} is not known yet");
        _unknown.Add((field, name));
        return 0;
    }

    private void ReadLink()
    {
        if (TryTake("mac"))
        {
            Source = TakeMac();
            Expect(">");
            Destination = TakeMac();
            HasMacs = true;
        }

        while (Peek is "vlan" or "svlan")
        {
            ushort type = Take() == "vlan" ? EtherType.Vlan : EtherType.ServiceVlan;
            ushort id = (ushort)TakeNumber();
            int priority = TryTake("prio") ? (int)TakeNumber() : 0;
            if (Tags.Count == 0) VlanId = id;
            Tags.Add((id, priority, type));
        }

        IsPadded = TryTake("pad");
        if (!TryTake("cut")) return;
        string[] parts = Take().Split('/');
        Cut = (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    internal void ApplyLink(PacketBuilder builder)
    {
        foreach ((ushort id, int priority, ushort type) in Tags) builder.Vlan(id, priority, type);
        if (IsPadded) builder.PadEthernet();
    }

    private MacAddress TakeMac()
    {
        string word = Take();
        if (MacAddress.TryParse(word, out MacAddress mac)) return mac;
        return _context.ResolveMac(word);
    }
}
