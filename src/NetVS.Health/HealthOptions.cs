using NetVS.Health.Probes;
using NetVS.Packets;
using NetVS.Scripts;

namespace NetVS.Health;

/// <summary>What a <see cref="HealthPart"/> is told once.</summary>
public sealed record HealthOptions
{
    /// <summary>Whether an address is one of this host's now.</summary>
    public required Func<IpAddress, bool> IsLocal { get; init; }

    /// <summary>Whether a BFD session is up; null while it never was, or is none that checks follow. See <see cref="HealthPart.NoteBfd"/>.</summary>
    public Func<string, bool?> IsBfdUp { get; init; } = static _ => null;

    /// <summary>Takes a line for the log.</summary>
    public required Action<string> Report { get; init; }

    /// <summary>The pipes that other parts share; null for its own.</summary>
    public NotifyPipes? Pipes { get; init; }

    /// <summary>Sends mail; null for none.</summary>
    public MailQueue? Mail { get; init; }

    /// <summary>Connects for TCP_CHECK; null for the framework's sockets, which take more time.</summary>
    public ITcpConnector? Connector { get; init; }

    /// <summary>Sends checks the way the users' packets go; null where that cannot be: a configuration that asks for it is refused then.</summary>
    public IUserPaths? UserPaths { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A number from 0 up to 1, for the spread of first checks.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}
