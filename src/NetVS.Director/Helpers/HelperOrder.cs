namespace NetVS.Director.Helpers;

/// <summary>What a helper wants done about one line. It begins empty for each line.</summary>
internal ref struct HelperOrder
{
    /// <summary>Octets of the longest text that takes another's place.</summary>
    public const int MostText = 64;

    private readonly Span<byte> _text;

    /// <summary>An empty order.</summary>
    /// <param name="text">Room for a text: <see cref="MostText"/> octets.</param>
    public HelperOrder(Span<byte> text) => _text = text;

    /// <summary>Which connection to expect.</summary>
    public ExpectationKind Expected { get; private set; }

    /// <summary>The client's port of an expected connection; 0 when only its first packet will say.</summary>
    public ushort ClientPort { get; private set; }

    /// <summary>The virtual port of an expected connection.</summary>
    public ushort VirtualPort { get; private set; }

    /// <summary>The real server's port of an expected connection.</summary>
    public ushort RealPort { get; private set; }

    /// <summary>Where in the line a text is replaced.</summary>
    public int ReplacedAt { get; private set; }

    /// <summary>How many octets are replaced; 0 for none.</summary>
    public int ReplacedOctets { get; private set; }

    /// <summary>How many octets take their place.</summary>
    public int TextLength { get; private set; }

    /// <summary>Whether the line asked for something that is refused: it is counted, and the line goes on as it is.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>The octets that take the others' place.</summary>
    public readonly ReadOnlySpan<byte> Text => _text[..TextLength];

    /// <summary>The client will open a connection, from a port that is not known, to this virtual port.</summary>
    public void ExpectFromClient(ushort virtualPort, ushort realPort) =>
        (Expected, ClientPort, VirtualPort, RealPort) = (ExpectationKind.FromClient, 0, virtualPort, realPort);

    /// <summary>The real server will open a connection to this port of the client.</summary>
    public void ExpectFromServer(ushort clientPort, ushort virtualPort, ushort realPort) =>
        (Expected, ClientPort, VirtualPort, RealPort) = (ExpectationKind.FromServer, clientPort, virtualPort, realPort);

    /// <summary>Replaces a part of a real server's line.</summary>
    /// <param name="at">Where it begins in the line.</param>
    /// <param name="octets">How long it is, 1 or more.</param>
    /// <param name="text">What takes its place: UTF-8 formatting into it; at most <see cref="MostText"/>.</param>
    public void Replace(int at, int octets, scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_text);
        (ReplacedAt, ReplacedOctets, TextLength) = (at, octets, text.Length);
    }

    /// <summary>Does nothing about the line but count that it was refused.</summary>
    public void Refuse() => IsRefused = true;
}
