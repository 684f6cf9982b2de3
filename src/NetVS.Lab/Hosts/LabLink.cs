using NetVS.Packets;

namespace NetVS.Lab.Hosts;

/// <summary>An interface of a lab host, plugged into a segment.</summary>
internal sealed class LabLink(LabHost host, string device, string segment)
{
    /// <summary>The host it belongs to.</summary>
    public LabHost Host { get; } = host;

    /// <summary>Its name in the host: eth0.</summary>
    public string Device { get; } = device;

    /// <summary>The segment (a switch) it is plugged into.</summary>
    public string Segment { get; } = segment;

    /// <summary>The name of the other end of its wire, among the switches: director0.</summary>
    public string SwitchPort => $"{Host.Name}{Device[3..]}";

    /// <summary>Its Ethernet address, once the lab is up.</summary>
    public MacAddress Mac { get; set; }

    /// <summary>As the reports name it: <c>director:eth0</c>.</summary>
    public override string ToString() => $"{Host.Name}:{Device}";
}
