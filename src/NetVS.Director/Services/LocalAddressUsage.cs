using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>How a FULLNAT local address is used, over all services and workers.</summary>
/// <remarks>Threads: any worker, atomically, when a connection begins or ends; read by control.</remarks>
internal sealed class LocalAddressUsage(IpAddress address)
{
    private long _portsInUse;
    private long _allocationFailures;

    /// <summary>The LIP.</summary>
    public IpAddress Address { get; } = address;

    /// <summary>Connections that use a port of it now.</summary>
    public long PortsInUse => Volatile.Read(ref _portsInUse);

    /// <summary>Connections refused because no port was free towards their real server.</summary>
    public long AllocationFailures => Volatile.Read(ref _allocationFailures);

    /// <summary>Maintenance turns for which it stays known although no service has it. Thread: control.</summary>
    public int LingerTurns { get; set; }

    /// <summary>A connection takes a port.</summary>
    public void Take() => Interlocked.Increment(ref _portsInUse);

    /// <summary>A connection gives its port back.</summary>
    public void Release() => Interlocked.Decrement(ref _portsInUse);

    /// <summary>A connection was refused.</summary>
    public void CountFailure() => Interlocked.Increment(ref _allocationFailures);
}
