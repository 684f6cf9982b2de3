using NetVS.Control.Status;
using NetVS.Linux.Attachment;

namespace NetVS.Daemon;

/// <summary>The status of the links, as control knows it.</summary>
internal sealed class LinkFacts(LinkManager links) : IDaemonFacts
{
    /// <inheritdoc/>
    public IReadOnlyList<InterfaceStatus> ReadInterfaces() =>
    [
        .. links.ReadStatus().Select(s => new InterfaceStatus(
            s.Interface, s.Index, s.IsAttached, s.Link, s.Hook, s.Copy, s.Queues, s.Reason, s.Counters)),
    ];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> ReadDivertCounters() => links.ReadDivertCounters();
}
