// Reference §10.2; RFC 959 §4.1.2 (PORT, PASV), RFC 2428 (EPRT, EPSV), RFC 2577 §3 and §8 (what to refuse).

using System.Buffers.Text;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Helpers;

/// <summary>FTP: data connections by PORT, EPRT, PASV and EPSV.</summary>
/// <remarks>
/// Two things are not believed that IPVS believes: the real server's address in its answer to PASV (data connections go where the control connection
/// goes), and an address in PORT or EPRT that is not the client's own (a bounce attack).
/// </remarks>
internal sealed class FtpHelper : IApplicationHelper
{
    // What the client asked for with its last command.
    private const int Nothing = 0, Passive = 1, ExtendedPassive = 2;

    // The longest address in EPRT: eight groups and an embedded IPv4 address.
    private const int LongestAddress = 45;

    /// <inheritdoc/>
    public string Name => "ftp";

    /// <inheritdoc/>
    public IpProtocol Protocol => IpProtocol.Tcp;

    /// <inheritdoc/>
    public ReadOnlySpan<ushort> PortsOf(DirectorSettings settings) => settings.FtpPorts;

    /// <inheritdoc/>
    public void ReadRequest(ref HelperSession session, in HelperEnds ends, ReadOnlySpan<byte> line, ref HelperOrder order)
    {
        session.Mode = Nothing;
        bool isV6 = ends.Client.Address.Family == IpFamily.V6;
        var text = new FtpText(line);
        if (text.TakesWord("PASV"u8))
        {
            if (!isV6 && text.IsAtEnd) session.Mode = Passive;
        }
        else if (text.TakesWord("EPSV"u8))
        {
            if (text.IsAtEnd || (text.TakesSpace() && text.Takes(isV6 ? (byte)'2' : (byte)'1') && text.IsAtEnd)) session.Mode = ExtendedPassive;
        }
        else if (text.TakesWord("PORT"u8))
        {
            if (!isV6 && text.TakesSpace() && text.TryReadHostPort(out Ipv4Address address, out ushort port)) ExpectServer(in ends, address, port, ref order);
        }
        else if (text.TakesWord("EPRT"u8) && text.TakesSpace())
        {
            if (TryReadExtended(ref text, isV6, out IpAddress address, out ushort port)) ExpectServer(in ends, address, port, ref order);
        }
    }

    /// <inheritdoc/>
    public void ReadReply(ref HelperSession session, in HelperEnds ends, ReadOnlySpan<byte> line, ref HelperOrder order)
    {
        var text = new FtpText(line);
        switch (session.Mode)
        {
            case Passive when text.Takes("227 "u8):
                ReadPassive(in ends, text, ref order);
                break;
            case ExtendedPassive when text.Takes("229 "u8):
                ReadExtendedPassive(in ends, text, ref order);
                break;
        }
    }

    private static void ExpectServer(in HelperEnds ends, IpAddress client, ushort port, ref HelperOrder order)
    {
        if (client != ends.Client.Address) order.Refuse();
        else if (port != 0 && ends.Virtual.Port > 1 && ends.Real.Port > 1)
            order.ExpectFromServer(port, (ushort)(ends.Virtual.Port - 1), (ushort)(ends.Real.Port - 1));
    }

    private static void ReadPassive(in HelperEnds ends, FtpText text, ref HelperOrder order)
    {
        if (!text.SkipToDigits()) return;
        int start = text.Position;

        // What ends the number must be here, or it may go on in the next segment.
        if (!text.TryReadHostPort(out _, out ushort port) || port == 0 || text.IsEmpty) return;
        uint address = ends.Virtual.Address.V4.Value;
        Span<byte> replacement = stackalloc byte[HelperOrder.MostText];
        int length = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            Append((address >> shift) & 255, replacement, ref length);
            replacement[length++] = (byte)',';
        }

        Append((uint)port >> 8, replacement, ref length);
        replacement[length++] = (byte)',';
        Append(port & 255u, replacement, ref length);
        order.ExpectFromClient(port, port);
        order.Replace(start, text.Position - start, replacement[..length]);
    }

    private static void ReadExtendedPassive(in HelperEnds ends, FtpText text, ref HelperOrder order)
    {
        if (!text.SkipBehind((byte)'(')) return;
        int start = text.Position;
        bool isPlain = text.Takes("|||"u8);
        text.MoveTo(start);
        if (!text.TryReadDelimiter(out byte delimiter)) return;
        text.SkipBehind(delimiter);
        text.SkipBehind(delimiter);
        if (!text.TryReadNumber(ushort.MaxValue, out int port) || port == 0 || !text.Takes(delimiter)) return;
        order.ExpectFromClient((ushort)port, (ushort)port);
        if (isPlain) return;

        // The client is to use the address it knows.
        Span<byte> replacement = stackalloc byte[HelperOrder.MostText];
        "|||"u8.CopyTo(replacement);
        int length = 3;
        Append((uint)port, replacement, ref length);
        replacement[length++] = (byte)'|';
        order.Replace(start, text.Position - start, replacement[..length]);
    }

    private static void Append(uint number, Span<byte> into, ref int length)
    {
        Utf8Formatter.TryFormat(number, into[length..], out int written);
        length += written;
    }

    // RFC 2428 §2: d family d address d port d.
    private static bool TryReadExtended(ref FtpText text, bool isV6, out IpAddress address, out ushort port)
    {
        address = default;
        port = 0;
        if (!text.TryReadDelimiter(out byte delimiter)) return false;
        if (!text.Takes(isV6 ? (byte)'2' : (byte)'1') || !text.Takes(delimiter)) return false;
        Span<char> characters = stackalloc char[LongestAddress];
        if (!text.TryReadUntil(delimiter, characters, out int length) || !IpAddress.TryParse(characters[..length], out address)) return false;
        if (address.Family != (isV6 ? IpFamily.V6 : IpFamily.V4)) return false;
        if (!text.TryReadNumber(ushort.MaxValue, out int number) || !text.Takes(delimiter)) return false;
        port = (ushort)number;
        return true;
    }
}
