using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NetVS.Director.Forwarding;

/// <summary>The first octets of a frame and its length: whether another frame has the same ones.</summary>
/// <remarks>The octets lie in two windows, or three where these do not reach, which overlap.</remarks>
internal struct FrameKey
{
    /// <summary>The fewest and the most octets that can be kept.</summary>
    public const int Least = Window, Most = 3 * Window;

    /// <summary>The most for which two windows do.</summary>
    public const int MostOfTwo = 2 * Window;

    private const int Window = 32;

    private Vector256<byte> _first;
    private Vector256<byte> _last;
    private Vector256<byte> _middle;
    private int _lastAt;
    private int _frameLength;

    /// <summary>Keeps the octets.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="length">How many octets of it: <see cref="Least"/> to <see cref="Most"/>, and not more than it has.</param>
    /// <param name="isLong">Whether they can be more than <see cref="MostOfTwo"/>: the same each time, for there may be something left of the last time.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Keep(ReadOnlySpan<byte> frame, int length, bool isLong)
    {
        _frameLength = frame.Length;
        _lastAt = length - Window;
        _first = Vector256.Create(frame);
        _last = Vector256.Create(frame[_lastAt..]);
        if (isLong) _middle = Vector256.Create(frame[Math.Min(_lastAt, Window)..]);
    }

    /// <summary>Whether a frame has the same octets and the same length. False before the first <see cref="Keep"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Fits(ReadOnlySpan<byte> frame, bool isLong)
    {
        if (frame.Length != _frameLength || frame.Length < Least) return false;
        Vector256<byte> differences = (Vector256.Create(frame) ^ _first) | (Vector256.Create(frame[_lastAt..]) ^ _last);
        if (isLong) differences |= Vector256.Create(frame[Math.Min(_lastAt, Window)..]) ^ _middle;
        return differences == Vector256<byte>.Zero;
    }
}
