// Read first: RFC 5880 §4.1 (the packet), §6.8.6 (what is taken), §6.8.7 (what is sent).
using System.Buffers.Binary;

namespace NetVS.Bfd.Wire;

/// <summary>A control packet without authentication: 24 octets of UDP's payload.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
/// |                       My Discriminator                        |
/// |                      Your Discriminator                       |
/// |                    Desired Min TX Interval                    |
/// |                   Required Min RX Interval                    |
/// |                 Required Min Echo RX Interval                 |
/// </code>
/// Intervals are microseconds; all numbers are in host order here.
/// </remarks>
/// <param name="State">The sender's state.</param>
/// <param name="Diagnostic">Why it last left Up.</param>
/// <param name="IsPoll">It wants an answer with <paramref name="IsFinal"/>.</param>
/// <param name="IsFinal">It answers a poll.</param>
/// <param name="IsDemand">Its sender wants nothing sent while both are up.</param>
/// <param name="Multiplier">Packets that may be missed.</param>
/// <param name="Mine">The sender's discriminator.</param>
/// <param name="Yours">The receiver's, as far as the sender knows it; 0 for unknown.</param>
/// <param name="DesiredTransmit">How often the sender would like to send, in microseconds.</param>
/// <param name="RequiredReceive">How often it can receive, in microseconds; 0 for never.</param>
public readonly record struct BfdPacket(
    BfdState State, BfdDiagnostic Diagnostic, bool IsPoll, bool IsFinal, bool IsDemand, byte Multiplier, uint Mine, uint Yours, uint DesiredTransmit, uint RequiredReceive)
{
    /// <summary>Octets.</summary>
    public const int Size = 24;

    private const int Version = 1;
    private const byte Poll = 0x20, Final = 0x10, Authentication = 0x04, Demand = 0x02, Multipoint = 0x01;

    /// <summary>Reads one, and makes the checks that need no session.</summary>
    public static BfdProblem TryRead(ReadOnlySpan<byte> octets, out BfdPacket packet)
    {
        packet = default;
        if (octets.Length < Size) return BfdProblem.TooShort;
        byte flags = octets[1];
        packet = new BfdPacket(
            (BfdState)(flags >> 6), (BfdDiagnostic)(octets[0] & 0x1F), (flags & Poll) != 0, (flags & Final) != 0, (flags & Demand) != 0, octets[2],
            BinaryPrimitives.ReadUInt32BigEndian(octets[4..]), BinaryPrimitives.ReadUInt32BigEndian(octets[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(octets[12..]), BinaryPrimitives.ReadUInt32BigEndian(octets[16..]));
        if (octets[0] >> 5 != Version) return BfdProblem.Version;
        if (octets[3] < Size || octets[3] > octets.Length) return BfdProblem.Length;
        if (packet.Multiplier == 0) return BfdProblem.Multiplier;
        if ((flags & Multipoint) != 0) return BfdProblem.Multipoint;
        if (packet.Mine == 0) return BfdProblem.Discriminator;
        if (packet.Yours == 0 && packet.State is BfdState.Init or BfdState.Up) return BfdProblem.NoSessionNamed;
        if ((flags & Authentication) != 0) return BfdProblem.Authenticated;
        return packet.IsPoll && packet.IsFinal ? BfdProblem.PollAndFinal : BfdProblem.None;
    }

    /// <summary>Writes it.</summary>
    /// <param name="octets">Room for <see cref="Size"/> octets.</param>
    public void Write(Span<byte> octets)
    {
        octets[0] = (byte)((Version << 5) | (byte)Diagnostic);
        octets[1] = (byte)(((byte)State << 6) | (IsPoll ? Poll : 0) | (IsFinal ? Final : 0) | (IsDemand ? Demand : 0));
        octets[2] = Multiplier;
        octets[3] = Size;
        BinaryPrimitives.WriteUInt32BigEndian(octets[4..], Mine);
        BinaryPrimitives.WriteUInt32BigEndian(octets[8..], Yours);
        BinaryPrimitives.WriteUInt32BigEndian(octets[12..], DesiredTransmit);
        BinaryPrimitives.WriteUInt32BigEndian(octets[16..], RequiredReceive);

        // No echoes: 0 says so.
        BinaryPrimitives.WriteUInt32BigEndian(octets[20..], 0);
    }
}
