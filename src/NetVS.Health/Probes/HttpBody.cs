using System.Security.Cryptography;

namespace NetVS.Health.Probes;

/// <summary>The body of an HTTP answer while it comes: its digest, and the part of it that is searched.</summary>
internal sealed class HttpBody : IDisposable
{
    private readonly IncrementalHash? _digest;
    private readonly MemoryStream? _searched;
    private long _left;

    /// <summary>Begins.</summary>
    /// <param name="hasDigest">It is hashed.</param>
    /// <param name="isSearched">It is searched.</param>
    /// <param name="hashed">How many octets are hashed at the most; null for all.</param>
    public HttpBody(bool hasDigest, bool isSearched, long? hashed)
    {
#pragma warning disable CA5351 // The configuration names an MD5 sum; nothing depends on its strength.
        if (hasDigest) _digest = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        if (isSearched) _searched = new MemoryStream();
        _left = hashed ?? long.MaxValue;
    }

    /// <summary>Octets so far.</summary>
    public long Octets { get; private set; }

    /// <summary>The octets that are searched.</summary>
    public ReadOnlySpan<byte> Searched => _searched is null ? [] : _searched.GetBuffer().AsSpan(0, (int)_searched.Length);

    /// <summary>Takes more of it.</summary>
    public void Take(ReadOnlySpan<byte> octets)
    {
        Octets += octets.Length;
        if (_searched is not null && _searched.Length < HttpProbe.MostSearched)
            _searched.Write(octets[..(int)Math.Min(octets.Length, HttpProbe.MostSearched - _searched.Length)]);
        ReadOnlySpan<byte> hashed = octets[..(int)Math.Min(octets.Length, _left)];
        _left -= hashed.Length;
        _digest?.AppendData(hashed);
    }

    /// <summary>The MD5 sum, lower case; null if none was asked for.</summary>
    public string? FinishDigest() => _digest is null ? null : Convert.ToHexStringLower(_digest.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose()
    {
        _digest?.Dispose();
        _searched?.Dispose();
    }
}
