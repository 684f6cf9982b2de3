using NetVS.Links;

namespace NetVS.Linux.PacketSocket;

/// <summary>A way out by an interface the director does not listen on (or not with this worker).</summary>
internal sealed class TransmitOnlyLink : ILink
{
    private readonly PacketTransmitter _transmitter;

    /// <summary>Opens the socket.</summary>
    public TransmitOnlyLink(int interfaceIndex, string interfaceName)
    {
        InterfaceIndex = interfaceIndex;
        _transmitter = new PacketTransmitter(
            PacketSocketHandle.OpenForSending(interfaceIndex, interfaceName), Counters, interfaceName);
    }

    /// <inheritdoc/>
    public int InterfaceIndex { get; }

    /// <inheritdoc/>
    public bool CanReceive => false;

    /// <inheritdoc/>
    public int Descriptor => -1;

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <inheritdoc/>
    public int Receive(IFrameHandler handler, int budget) => 0;

    /// <inheritdoc/>
    public void Transmit(ref LinkFrame frame) => _transmitter.Transmit(ref frame);

    /// <inheritdoc/>
    public bool Flush()
    {
        _transmitter.Flush();
        return true;
    }

    /// <inheritdoc/>
    public void Release()
    {
    }

    /// <inheritdoc/>
    public void Maintain()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _transmitter.Dispose();
}
