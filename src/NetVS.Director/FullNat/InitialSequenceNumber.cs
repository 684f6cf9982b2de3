// RFC 6528 §3: ISN = M + F(localip, localport, remoteip, remoteport, secretkey).

using NetVS.Director.Forwarding;
using NetVS.Packets;

namespace NetVS.Director.FullNat;

/// <summary>Chooses the initial sequence number the director uses towards a real server.</summary>
/// <remarks>
/// A real server sees many clients behind one local address; were each client's own number passed on, a port used again soon could
/// meet the real server's TIME_WAIT with a smaller number than before and be refused. With RFC 6528 the numbers of one four-tuple
/// only grow (by 250,000 a second), and nobody outside can foresee them.
/// </remarks>
internal static class InitialSequenceNumber
{
    // RFC 9293 §3.4.1: the clock of initial sequence numbers ticks about every 4 microseconds.
    private const long NanosecondsPerTick = 4000;

    /// <summary>The number for a connection from a local address to a real server that begins now.</summary>
    public static uint Choose(UInt128 key, IpAddress local, ushort localPort, IpAddress real, ushort realPort, MonotonicTime now)
    {
        (ulong localHigh, ulong localLow) = Words(local);
        (ulong realHigh, ulong realLow) = Words(real);
        ulong function = KeyedHash.Of(key, localHigh, localLow, realHigh, realLow, ((ulong)localPort << 16) | realPort);
        return unchecked((uint)function + (uint)(now.Nanoseconds / NanosecondsPerTick));
    }

    private static (ulong High, ulong Low) Words(IpAddress address) =>
        address.Family == IpFamily.V6 ? (address.V6.High, address.V6.Low) : (0, address.V4.Value);
}
