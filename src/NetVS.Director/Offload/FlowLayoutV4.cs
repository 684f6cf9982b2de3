using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Director.Offload;

/// <summary>IPv4's lines.</summary>
internal readonly struct FlowLayoutV4 : IFlowLayout<FlowLineV4, Ipv4Address>
{
    /// <inheritdoc/>
    public static ref uint PlaceMaskOf(ref FlowConfig config) => ref config.PlaceMaskV4;

    /// <inheritdoc/>
    public static ref uint VersionOf(ref FlowLineV4 line) => ref line.Version;

    /// <inheritdoc/>
    public static ref FlowState StateOf(ref FlowLineV4 line) => ref line.State;

    /// <inheritdoc/>
    public static uint HashOf(in FlowKey key, in Flow<Ipv4Address> flow) => Hash(
        in key, Wire(flow.Source), Wire(flow.Target), Wire(flow.SourcePort) | ((uint)Wire(flow.TargetPort) << 16), (uint)flow.Protocol);

    /// <inheritdoc/>
    public static uint HashOf(in FlowKey key, ref FlowLineV4 line) =>
        Hash(in key, line.Source, line.Target, line.SourcePort | ((uint)line.TargetPort << 16), line.Protocol);

    /// <inheritdoc/>
    public static bool IsFor(ref FlowLineV4 line, in Flow<Ipv4Address> flow) =>
        line.Source == Wire(flow.Source) && line.Target == Wire(flow.Target) && line.SourcePort == Wire(flow.SourcePort) &&
        line.TargetPort == Wire(flow.TargetPort) && line.Protocol == (byte)flow.Protocol;

    /// <inheritdoc/>
    public static bool Does(ref FlowLineV4 line, in Flow<Ipv4Address> flow) =>
        line.NewSource == Wire(flow.NewSource) && line.NewTarget == Wire(flow.NewTarget) && line.NewSourcePort == Wire(flow.NewSourcePort) &&
        line.NewTargetPort == Wire(flow.NewTargetPort) && line.Hop == flow.Hop && line.Action == flow.Action;

    /// <inheritdoc/>
    public static void Write(ref FlowLineV4 line, in Flow<Ipv4Address> flow)
    {
        line.Source = Wire(flow.Source);
        line.Target = Wire(flow.Target);
        line.SourcePort = Wire(flow.SourcePort);
        line.TargetPort = Wire(flow.TargetPort);
        line.Protocol = (byte)flow.Protocol;
        line.Action = flow.Action;
        line.Hop = flow.Hop;
        line.NewSource = Wire(flow.NewSource);
        line.NewTarget = Wire(flow.NewTarget);
        line.NewSourcePort = Wire(flow.NewSourcePort);
        line.NewTargetPort = Wire(flow.NewTargetPort);
    }

    /// <inheritdoc/>
    public static void Read(ref FlowLineV4 line, out Flow<Ipv4Address> flow) => flow = new Flow<Ipv4Address>
    {
        Source = Host(line.Source),
        Target = Host(line.Target),
        SourcePort = Wire(line.SourcePort),
        TargetPort = Wire(line.TargetPort),
        Protocol = (IpProtocol)line.Protocol,
        Action = line.Action,
        Hop = line.Hop,
        NewSource = Host(line.NewSource),
        NewTarget = Host(line.NewTarget),
        NewSourcePort = Wire(line.NewSourcePort),
        NewTargetPort = Wire(line.NewTargetPort),
    };

    private static uint Hash(in FlowKey key, uint source, uint target, uint ports, uint protocol) => unchecked(
        (uint)((key[0] + ((key[1] + source) * (key[2] + target)) + ((key[3] + ports) * (key[4] + protocol))) >> 32));

    // Only little-endian processors are supported: what a load from the packet gives is the reverse of the value.
    private static uint Wire(Ipv4Address address) => BinaryPrimitives.ReverseEndianness(address.Value);

    private static ushort Wire(ushort port) => BinaryPrimitives.ReverseEndianness(port);

    private static Ipv4Address Host(uint address) => new(BinaryPrimitives.ReverseEndianness(address));
}
