// Reference §6.1 to §6.3 (values), §6.4 (what may be changed).
using System.Runtime.CompilerServices;

namespace NetVS.Director.Protocols;

/// <summary>How long an idle connection is kept, by protocol and state.</summary>
/// <remarks>
/// Units: seconds. A change acts at each connection's next packet, because every packet loads its state's timeout anew.
/// Threads: control writes, workers read; each value is one aligned word, so a reader sees the old or the new one.
/// </remarks>
internal sealed class ProtocolTimeouts
{
    /// <summary>The longest timeout that can be set: (2^31 - 1) / HZ seconds, with the HZ of 250 that Debian's kernels have.</summary>
    public const int Maximum = int.MaxValue / 250;

    //                               NO   ES   SS  SR   FW   TW  CL  CW  LA   LI   SA
    private readonly uint[] _tcp = [2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120];

    //                                NO I1 IN  CS  CR  CW  CO  CE  ES   SS  SR  SA  RJ CL
    private static readonly uint[] s_sctp = [2, 4, 61, 61, 61, 61, 61, 61, 900, 61, 61, 61, 4, 61];

    private uint _udp = 300;
    private int _version;

    /// <summary>Changes with every change of a timeout. Thread: any.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>The three timeouts of <c>--set</c> now.</summary>
    public DirectorTimeouts Current => new((int)OfTcp(TcpState.Established), (int)OfTcp(TcpState.FinWait), (int)OfUdp());

    /// <summary>How long a TCP connection in this state is kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint OfTcp(TcpState state) => _tcp[(int)state];

    /// <summary>The same, of a service that may have its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint OfTcp(TcpState state, ServiceTimeouts? own) => own is null ? _tcp[(int)state] : OwnOr(own.OfTcp(state), _tcp[(int)state]);

    /// <summary>How long an SCTP connection in this state is kept; only a service can say otherwise.</summary>
    public static uint OfSctp(SctpState state, ServiceTimeouts? own = null) => own is null ? s_sctp[(int)state] : OwnOr(own.OfSctp(state), s_sctp[(int)state]);

    /// <summary>How long a UDP connection of a service is kept.</summary>
    public uint OfUdp(ServiceTimeouts? own) => own is null ? _udp : OwnOr(own.Udp, _udp);

    /// <summary>How long a UDP connection is kept.</summary>
    public uint OfUdp() => _udp;

    /// <summary>The version that the next change makes. Thread: control.</summary>
    public int NextVersion => unchecked(_version + 1);

    /// <summary>A service's timeouts are others: to be called when they are in force. Thread: control.</summary>
    public void Announce() => Volatile.Write(ref _version, NextVersion);

    /// <summary>Sets the three timeouts; 0 leaves one as it is. "tcpfin" is the FIN_WAIT state's alone.</summary>
    /// <returns>False, and nothing changed, if one is negative or above <see cref="Maximum"/> (EINVAL).</returns>
    public bool TrySet(DirectorTimeouts timeouts)
    {
        if (!IsValid(timeouts.Tcp) || !IsValid(timeouts.TcpFin) || !IsValid(timeouts.Udp)) return false;
        if (timeouts.Tcp != 0) _tcp[(int)TcpState.Established] = (uint)timeouts.Tcp;
        if (timeouts.TcpFin != 0) _tcp[(int)TcpState.FinWait] = (uint)timeouts.TcpFin;
        if (timeouts.Udp != 0) _udp = (uint)timeouts.Udp;

        // Release: who sees the version sees the values. Partner: Version.
        Announce();
        return true;
    }

    private static uint OwnOr(uint own, uint common) => own != 0 ? own : common;

    private static bool IsValid(int seconds) => seconds is >= 0 and <= Maximum;
}
