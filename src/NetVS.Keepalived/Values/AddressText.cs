using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Packets;

namespace NetVS.Keepalived.Values;

/// <summary>Addresses with a port, and prefixes.</summary>
internal static class AddressText
{
    /// <summary>Whether a text is a port; <c>0</c> and <c>00</c> mean none.</summary>
    public static bool TryParsePort(string text, out ushort port, out string complaint)
    {
        port = 0;
        complaint = "";
        if (text is "0" or "00") return true;
        if (!NumberText.TryParse(text, 1, 65535, out long number, out complaint)) return false;
        port = (ushort)number;
        complaint = "";
        return true;
    }

    /// <summary>An address and perhaps a port, as the words of a statement from an index on.</summary>
    public static bool TryReadEndpoint(BlockReader reader, Statement statement, int index, IConfigurationBlock record, string error, out IpEndpoint endpoint)
    {
        endpoint = default;
        if (!reader.TryTake(statement, index, out Word word)) return false;
        bool isAddress = IpAddress.TryParse(word.Text, out IpAddress address);
        ushort port = 0;
        string complaint = "";
        bool isPort = statement[index + 1] is not { } second || TryParsePort(second.Text, out port, out complaint);
        if (isAddress && isPort)
        {
            endpoint = new IpEndpoint(address, port);
            return true;
        }

        Word wrong = isAddress ? statement[index + 1]! : word;
        error = error.Replace("%a", word.Text, StringComparison.Ordinal).Replace("%p", statement[index + 1]?.Text ?? "", StringComparison.Ordinal);
        if (complaint.Length > 0) reader.BadNumber(wrong, record, complaint, error);
        else reader.Error(wrong, record, error, "write a numeric address and a port from 1 to 65535");
        return false;
    }

    /// <summary>An address with a prefix length; a wrong length is reported and the whole address used.</summary>
    public static bool TryReadPrefix(BlockReader reader, Word word, IConfigurationBlock record, out IpAddress address, out int length)
    {
        string text = word.Text;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        length = 0;
        if (!IpAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out address)) return false;
        int most = address.Size * 8;
        length = most;
        if (slash < 0) return true;
        if (NumberText.TryParse(text[(slash + 1)..], 0, most, out long number, out string complaint)) length = (int)number;
        else reader.BadNumber(word, record, complaint, $"Invalid address prefix len {text[(slash + 1)..]} for address {text} - using {most}");
        return true;
    }
}
