namespace NetVS.Packets.Headers;

/// <summary>Walks the options of a TCP header (RFC 9293 §3.1); works in a <c>foreach</c>.</summary>
/// <remarks>
/// Stops at EndOfList, at the end, and at the first option that lies about its length; then <see cref="IsMalformed"/> is
/// set. NoOperation options are yielded; EndOfList is not. Every step moves ahead at least one octet, so a walk has at
/// most 40 steps.
/// </remarks>
public ref struct TcpOptionReader
{
    private readonly ReadOnlySpan<byte> _options;
    private int _position;

    /// <summary>Begins before the first option.</summary>
    /// <param name="options">The octets between the fixed header and the data offset.</param>
    public TcpOptionReader(ReadOnlySpan<byte> options) => _options = options;

    /// <summary>The option the reader stands on.</summary>
    public TcpOption Current { get; private set; }

    /// <summary>Whether the walk ended at an option that lies about its length.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The octets of the current option behind kind and length.</summary>
    public readonly ReadOnlySpan<byte> Value => Current.Length <= 2 ? [] : _options.Slice(Current.Offset + 2, Current.Length - 2);

    /// <summary>For <c>foreach</c>.</summary>
    public readonly TcpOptionReader GetEnumerator() => this;

    /// <summary>Steps to the next option.</summary>
    public bool MoveNext()
    {
        if (_position >= _options.Length) return false;
        var kind = (TcpOptionKind)_options[_position];
        if (kind == TcpOptionKind.EndOfList)
        {
            _position = _options.Length;
            return false;
        }

        int length = 1;
        if (kind != TcpOptionKind.NoOperation)
        {
            length = _position + 1 < _options.Length ? _options[_position + 1] : 0;
            if (length < 2 || length > _options.Length - _position)
            {
                IsMalformed = true;
                _position = _options.Length;
                return false;
            }
        }

        Current = new TcpOption(kind, _position, length);
        _position += length;
        return true;
    }

    /// <summary>Finds the first option of a kind.</summary>
    public static bool TryFind(ReadOnlySpan<byte> options, TcpOptionKind kind, out TcpOption option)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Current.Kind != kind) continue;
            option = reader.Current;
            return true;
        }

        option = default;
        return false;
    }
}
