using System.Runtime.InteropServices;
using NetVS.Commands;
using NetVS.Control.State;
using NetVS.Linux;
using NetVS.Linux.Bpf;
using NetVS.Linux.Flows;
using NetVS.Linux.Host;
using NetVS.Links;

namespace NetVS.Daemon;

/// <summary>What a director takes over from the one before it, and leaves to the one after: flow table, attachments, rules.</summary>
/// <remarks>
/// <para>Flow table, diversion maps and attachments are pinned under bpffs from the start, and the state file beside the socket is kept as the
/// rules are, so that a killed director leaves as much as one that was stopped with its forwarding kept. A plain stop removes it all.</para>
/// <para>A successor is who has the same control socket in the same network namespace. It takes over what has its own layout; anything else is removed,
/// and said.</para>
/// </remarks>
internal sealed class Succession : IDisposable
{
    private Succession(PinFolder? pins, FlowMaps? flows, SavedState? left, string statePath)
    {
        Pins = pins;
        Flows = flows;
        Left = left;
        StatePath = statePath;
        IsKept = left is not null;
    }

    /// <summary>The flow table; null where there is no fast path.</summary>
    public FlowMaps? Flows { get; }

    /// <summary>Where attachments are pinned; null where they are not.</summary>
    public PinFolder? Pins { get; }

    /// <summary>What the director before this one left; null when there was none.</summary>
    public SavedState? Left { get; }

    /// <summary>Where the state is kept.</summary>
    public string StatePath { get; }

    /// <summary>
    /// Whether what is pinned stays when this director ends. What was taken over stays until this director says otherwise: one that fails to start must
    /// not end its predecessor's connections.
    /// </summary>
    public bool IsKept { get; set; }

    /// <summary>Takes over what there is, else makes what will be left.</summary>
    /// <param name="options">How the daemon is run.</param>
    /// <param name="report">Takes a line for the log.</param>
    /// <exception cref="KernelCallException">The flow table cannot be made.</exception>
    public static Succession Open(RunOptions options, Action<string> report)
    {
        string statePath = Path.GetFullPath(options.SocketPath) + ".state";
        FlowMaps.RemoveAbandoned();
        PinFolder pins = FindPins(options.SocketPath);
        string? without = FindWhyNot(options);
        if (without is not null)
        {
            RemoveLeft(pins, report, without);
            File.Delete(statePath);
            return new Succession(null, null, null, statePath);
        }

        // More workers than processors are only there when they are asked for.
        var wanted = new FlowMapOptions
        {
            LinesV4 = options.Flows,
            LinesV6 = Math.Max(options.Flows / 8, 1024),
            Workers = Math.Min(Math.Max(options.Workers, Environment.ProcessorCount), FlowMaps.MaxWorkers),
        };
        (FlowMaps? flows, SavedState? left) = TakeOver(pins, statePath, wanted, report);
        if (flows is null)
        {
            flows = FlowMaps.Create(wanted);
            flows.Pin(pins);
        }

        return new Succession(pins, flows, left, statePath);
    }

    /// <summary>Removes what was pinned, unless it is kept; to be called after everything that uses it has ended.</summary>
    public void Dispose()
    {
        Flows?.Dispose();
        if (IsKept || Pins is null) return;
        Pins.RemoveAll();
        File.Delete(StatePath);
    }

    private static (FlowMaps? Flows, SavedState? Left) TakeOver(PinFolder pins, string statePath, FlowMapOptions wanted, Action<string> report)
    {
        if (pins.Names.Count == 0) return (null, null);
        SavedState? left = StateKeeper.Read(statePath, report);
        string reason = "its rules are not known";
        if (left is not null)
        {
            try
            {
                if (FlowMaps.TryOpen(pins, wanted.Workers, wanted.RingSize) is { } flows) return (flows, left);
                reason = "its flow table has another layout";
            }
            catch (KernelCallException e)
            {
                reason = e.Message;
            }
        }

        RemoveLeft(pins, report, reason);
        return (null, null);
    }

    private static void RemoveLeft(PinFolder pins, Action<string> report, string reason)
    {
        if (pins.Names.Count == 0) return;
        report($"what a director before this one left is not taken over, and is removed: {reason}");
        pins.RemoveAll();
    }

    // Control sockets tell directors apart, but two network namespaces may have the same path in different mounts.
    private static PinFolder FindPins(string socketPath)
    {
        ulong cookie = NetworkNamespace.CurrentCookie();
        return PinFolder.Of($"{Path.GetFullPath(socketPath)}-{(cookie != 0 ? cookie : NetworkNamespace.CurrentInode())}");
    }

    private static string? FindWhyNot(RunOptions options) =>
        !options.WantsOffload ? "--no-offload"
        : options.Hook == HookChoice.None ? "--hook none"
        : RuntimeInformation.ProcessArchitecture != Architecture.X64 ? "the fast path is for x86-64 only"
        : null;
}
