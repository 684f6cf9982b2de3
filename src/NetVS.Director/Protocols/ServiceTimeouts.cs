using NetVS.Rules;

namespace NetVS.Director.Protocols;

/// <summary>The timeouts of a service's own, which come before the director's. Never changes: another one takes its place.</summary>
/// <remarks>Units: seconds; 0 leaves one to the director's. Thread: any.</remarks>
internal sealed class ServiceTimeouts
{
    private readonly ServiceOptions _options;
    private readonly ServiceTimeouts? _former;
    private readonly int _version;

    private ServiceTimeouts(ServiceOptions options, ServiceTimeouts? former, int version)
    {
        _options = options;
        _former = former;
        _version = version;
    }

    /// <summary>The UDP timeout.</summary>
    public uint Udp => _options.UdpTimeout;

    /// <summary>What stands in the place of a service's timeouts when its options change; the same where they say the same.</summary>
    /// <param name="options">The new options.</param>
    /// <param name="former">The timeouts until now; null where the service never had its own.</param>
    /// <param name="version">The version of all timeouts that the change makes.</param>
    public static ServiceTimeouts? Of(ServiceOptions options, ServiceTimeouts? former, int version)
    {
        ServiceOptions wanted = TimeoutsOf(options);
        if (wanted == (former?._options ?? ServiceOptions.None)) return former;

        // The one before is enough: workers settle a change within milliseconds, and what came before must not pile up.
        return new ServiceTimeouts(wanted, former is null ? null : new ServiceTimeouts(former._options, null, former._version), version);
    }

    /// <summary>The timeout of a TCP state.</summary>
    public uint OfTcp(TcpState state) => state switch
    {
        TcpState.Established => _options.TcpTimeout,
        TcpState.FinWait => _options.TcpFinTimeout,
        TcpState.SynReceived => _options.SynTimeout,
        _ => 0,
    };

    /// <summary>The timeout of an SCTP state.</summary>
    public uint OfSctp(SctpState state) => state == SctpState.Established ? _options.SctpTimeout : 0;

    /// <summary>What was in force when the timeouts had a version.</summary>
    public static ServiceTimeouts? At(ServiceTimeouts? timeouts, int version) =>
        timeouts is not null && unchecked(timeouts._version - version) > 0 ? timeouts._former : timeouts;

    private static ServiceOptions TimeoutsOf(ServiceOptions options) => new()
    {
        TcpTimeout = options.TcpTimeout,
        TcpFinTimeout = options.TcpFinTimeout,
        SynTimeout = options.SynTimeout,
        UdpTimeout = options.UdpTimeout,
        SctpTimeout = options.SctpTimeout,
    };
}
