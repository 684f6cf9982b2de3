using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Director.Offload;

/// <summary>IPv6's lines.</summary>
internal readonly struct FlowLayoutV6 : IFlowLayout<FlowLineV6, Ipv6Address>
{
    /// <inheritdoc/>
    public static ref uint PlaceMaskOf(ref FlowConfig config) => ref config.PlaceMaskV6;

    /// <inheritdoc/>
    public static ref uint VersionOf(ref FlowLineV6 line) => ref line.Version;

    /// <inheritdoc/>
    public static ref FlowState StateOf(ref FlowLineV6 line) => ref line.State;

    /// <inheritdoc/>
    public static uint HashOf(in FlowKey key, in Flow<Ipv6Address> flow)
    {
        FlowAddressV6 source = Wire(flow.Source), target = Wire(flow.Target);
        return Hash(in key, in source, in target, Wire(flow.SourcePort) | ((uint)Wire(flow.TargetPort) << 16), (uint)flow.Protocol);
    }

    /// <inheritdoc/>
    public static uint HashOf(in FlowKey key, ref FlowLineV6 line) =>
        Hash(in key, in line.Source, in line.Target, line.SourcePort | ((uint)line.TargetPort << 16), line.Protocol);

    /// <inheritdoc/>
    public static bool IsFor(ref FlowLineV6 line, in Flow<Ipv6Address> flow) =>
        line.SourcePort == Wire(flow.SourcePort) && line.TargetPort == Wire(flow.TargetPort) && line.Protocol == (byte)flow.Protocol &&
        Host(in line.Source) == flow.Source && Host(in line.Target) == flow.Target;

    /// <inheritdoc/>
    public static bool Does(ref FlowLineV6 line, in Flow<Ipv6Address> flow) =>
        Host(in line.NewSource) == flow.NewSource && Host(in line.NewTarget) == flow.NewTarget && line.NewSourcePort == Wire(flow.NewSourcePort) &&
        line.NewTargetPort == Wire(flow.NewTargetPort) && line.Hop == flow.Hop && line.Action == flow.Action;

    /// <inheritdoc/>
    public static void Write(ref FlowLineV6 line, in Flow<Ipv6Address> flow)
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
    public static void Read(ref FlowLineV6 line, out Flow<Ipv6Address> flow) => flow = new Flow<Ipv6Address>
    {
        Source = Host(in line.Source),
        Target = Host(in line.Target),
        SourcePort = Wire(line.SourcePort),
        TargetPort = Wire(line.TargetPort),
        Protocol = (IpProtocol)line.Protocol,
        Action = line.Action,
        Hop = line.Hop,
        NewSource = Host(in line.NewSource),
        NewTarget = Host(in line.NewTarget),
        NewSourcePort = Wire(line.NewSourcePort),
        NewTargetPort = Wire(line.NewTargetPort),
    };

    private static uint Hash(in FlowKey key, in FlowAddressV6 source, in FlowAddressV6 target, uint ports, uint protocol) => unchecked((uint)((
        key[0] +
        ((key[1] + source[0]) * (key[2] + source[1])) +
        ((key[3] + source[2]) * (key[4] + source[3])) +
        ((key[5] + target[0]) * (key[6] + target[1])) +
        ((key[7] + target[2]) * (key[8] + target[3])) +
        ((key[9] + ports) * (key[10] + protocol))) >> 32));

    private static FlowAddressV6 Wire(Ipv6Address address)
    {
        FlowAddressV6 wire = default;
        ulong high = BinaryPrimitives.ReverseEndianness(address.High), low = BinaryPrimitives.ReverseEndianness(address.Low);
        unchecked
        {
            wire[0] = (uint)high;
            wire[1] = (uint)(high >> 32);
            wire[2] = (uint)low;
            wire[3] = (uint)(low >> 32);
        }

        return wire;
    }

    private static ushort Wire(ushort port) => BinaryPrimitives.ReverseEndianness(port);

    private static Ipv6Address Host(in FlowAddressV6 wire) => new(
        BinaryPrimitives.ReverseEndianness(wire[0] | ((ulong)wire[1] << 32)), BinaryPrimitives.ReverseEndianness(wire[2] | ((ulong)wire[3] << 32)));
}
