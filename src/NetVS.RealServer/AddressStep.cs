using NetVS.Linux.Host;
using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>The VIP on the loopback interface, so that the host takes packets for it as its own.</summary>
internal sealed class AddressStep(HostNetwork network, HostLink loopback, IpAddress vip, byte prefixLength) : Step
{
    private readonly string _text = $"{vip}/{prefixLength}";

    /// <inheritdoc/>
    public override string Key => $"address {_text}";

    /// <inheritdoc/>
    public override string Present => $"address {_text} dev {loopback.Name}: already there";

    /// <inheritdoc/>
    public override string? Missing() =>
        network.Addresses().Any(a => a.InterfaceIndex == loopback.Index && a.Address == vip && a.PrefixLength == prefixLength)
            ? null
            : $"address {_text} dev {loopback.Name}";

    /// <inheritdoc/>
    public override Change? Intention() => new(Key, StepKind.Address, loopback.Name, loopback.Index, _text);

    /// <inheritdoc/>
    public override void Make() => network.AddAddress(loopback.Index, vip, prefixLength, loopback.Name);
}
