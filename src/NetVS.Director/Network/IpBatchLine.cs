using System.Globalization;
using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>The words of one line, read one after the other; says at which column something is wrong.</summary>
internal sealed class IpBatchLine
{
    private readonly List<(string Text, int Column)> _words = [];
    private readonly int _end;
    private int _next;

    /// <summary>Splits at blanks; a '#' that begins a word begins a comment.</summary>
    public IpBatchLine(string line)
    {
        int position = 0;
        while (true)
        {
            while (position < line.Length && char.IsWhiteSpace(line[position])) position++;
            if (position >= line.Length || line[position] == '#') break;
            int start = position;
            while (position < line.Length && !char.IsWhiteSpace(line[position])) position++;
            _words.Add((line[start..position], start + 1));
        }

        _end = line.TrimEnd().Length + 1;
    }

    /// <summary>The family asked for by <c>-4</c> or <c>-6</c>; None when not said.</summary>
    public IpFamily Family { get; set; }

    /// <summary>Whether all words have been taken.</summary>
    public bool IsAtEnd => _next >= _words.Count;

    /// <summary>The next word, not taken; null at the end.</summary>
    public string? Peek => IsAtEnd ? null : _words[_next].Text;

    /// <summary>The column of the word taken last.</summary>
    public int Column => _words[Math.Max(_next - 1, 0)].Column;

    /// <summary>Takes the next word if it is this one.</summary>
    public bool TryTake(string word)
    {
        if (Peek != word) return false;
        _next++;
        return true;
    }

    /// <summary>Takes the next word.</summary>
    /// <param name="what">What it should be, for the message when the line ends here.</param>
    public string Take(string what)
    {
        if (IsAtEnd) throw new IpBatchException(_end, $"the line ends where {what} is expected");
        return _words[_next++].Text;
    }

    /// <summary>Takes a number within bounds.</summary>
    public int TakeNumber(string what, int least, int most)
    {
        string word = Take(what);
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw Wrong($"'{word}' is no {what}: give a number from {least} to {most}");
    }

    /// <summary>Takes a MAC address.</summary>
    public MacAddress TakeMac()
    {
        string word = Take("a MAC address");
        return MacAddress.TryParse(word, out MacAddress mac)
            ? mac
            : throw Wrong($"'{word}' is no MAC address: give six pairs of hexadecimal digits, as 02:00:00:00:00:01");
    }

    /// <summary>Takes an IP address of the line's family, if that was said.</summary>
    public IpAddress TakeAddress(string what)
    {
        string word = Take(what);
        return CheckFamily(IpAddress.TryParse(word, out IpAddress address)
            ? address
            : throw Wrong($"'{word}' is no IP address: {what} is expected"));
    }

    /// <summary>Takes an address with an optional prefix length; without one it is the address alone.</summary>
    public (IpAddress Address, int PrefixLength) TakePrefix(string what)
    {
        string word = Take(what);
        int slash = word.IndexOf('/', StringComparison.Ordinal);
        string text = slash < 0 ? word : word[..slash];
        if (!IpAddress.TryParse(text, out IpAddress address)) throw Wrong($"'{text}' is no IP address: {what} is expected");
        CheckFamily(address);
        int width = address.Size * 8;
        if (slash < 0) return (address, width);
        return int.TryParse(word.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length <= width
            ? (address, length)
            : throw Wrong($"'{word[(slash + 1)..]}' is no prefix length for {address}: give a number from 0 to {width}");
    }

    /// <summary>A problem with the word taken last.</summary>
    public IpBatchException Wrong(string message) => new(Column, message);

    private IpAddress CheckFamily(IpAddress address) => Family == IpFamily.None || address.Family == Family
        ? address
        : throw Wrong($"{address} is not of the family the line asks for with -{(int)Family}");
}
