// bpf/flow.h, followed word for word; RFC 2003, RFC 2473, RFC 3168 §9.1.1 for tunnels.

using System.Buffers.Binary;
using NetVS.Director.Offload;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Testing.Flows;

/// <summary>The slow twin of the eBPF program: forwards a frame by the flow table, or leaves it to the director.</summary>
/// <remarks>
/// It reads the table as the program does, by words and versions, and computes the hash by itself; nothing of the director's side is used
/// but the structs. What the program cannot handle it leaves untouched and without a trace.
/// </remarks>
/// <param name="memory">The table.</param>
/// <param name="macOf">The MAC frames must be sent to, by device and VLAN id; null where the director has no interface.</param>
public sealed class FlowTwin(FlowTestMemory memory, Func<int, ushort, MacAddress?> macOf)
{
    private const int Fin = 1, Syn = 2, Rst = 4, Ack = 16;

    private readonly FlowMemory _memory = memory.Memory;

    /// <summary>Frames forwarded so far.</summary>
    public int Forwarded { get; private set; }

    /// <summary>Whether it stands at an XDP hook: then only hops with HOP_XDP are used.</summary>
    public bool IsXdp { get; set; }

    /// <summary>The CPU it runs on.</summary>
    public int Cpu { get; set; }

    /// <summary>What became of the last frame.</summary>
    public string Decision { get; private set; } = "";

    /// <summary>Forwards a frame, or leaves it to the director.</summary>
    /// <returns>False where the frame is the director's.</returns>
    public bool TryForward(ReadOnlySpan<byte> frame, int receiveInterface, PacketOffload offload, MonotonicTime now, out FlowTwinFrame? sent)
    {
        sent = null;
        Decision = "miss";
        ref FlowConfig config = ref _memory.Config[0];
        if (config.Layout != FlowAbi.Layout || config.Enabled == 0) return false;
        if (!TryParse(frame, receiveInterface, in offload, out Parsed packet)) return false;
        ReadOnlySpan<byte> ends = frame.Slice(packet.L3 + (packet.IsV6 ? 8 : 12), packet.IsV6 ? 32 : 8);
        if (!TryFind(ends, frame.Slice(packet.L4, 4), packet.Protocol, out Line line)) return false;
        Decision = Judge(frame, in packet, in line, FlowTick.Of(now), out FlowHop hop);
        if (Decision != "forwarded") return false;
        LeaveTraces(in packet, in line, FlowTick.Of(now));
        sent = Rewrite(frame, in packet, in line, in hop, offload);
        Forwarded++;
        return true;
    }

    /// <summary>Finds the line of a flow, by its packets' addresses and ports as they stand in the header.</summary>
    internal bool TryFind(ReadOnlySpan<byte> ends, ReadOnlySpan<byte> ports, byte protocol, out Line line)
    {
        bool isV6 = ends.Length == 32;
        List<uint> words = [];
        for (int i = 0; i < ends.Length; i += 4) words.Add(BinaryPrimitives.ReadUInt32LittleEndian(ends[i..]));
        words.Add(BinaryPrimitives.ReadUInt32LittleEndian(ports));
        words.Add(protocol);

        // Multilinear-HM, as flow.h writes it.
        ref FlowConfig config = ref _memory.Config[0];
        ulong sum = config.Key[0];
        for (int i = 0; i < words.Count; i += 2) sum = unchecked(sum + ((config.Key[i + 1] + words[i]) * (config.Key[i + 2] + words[i + 1])));
        uint hash = (uint)(sum >> 32), mask = isV6 ? config.BucketMaskV6 : config.BucketMaskV4, first = hash & mask;
        if (TrySearch(hash & (isV6 ? config.PlaceMaskV6 : config.PlaceMaskV4), ends, ports, protocol, out line)) return true;
        for (int bits = FlowAbi.LevelShift; bits < FlowAbi.Levels * FlowAbi.LevelShift; bits += FlowAbi.LevelShift)
        {
            if (mask >> bits >= FlowAbi.SmallestLevel && TrySearch(hash & (mask >> bits), ends, ports, protocol, out line)) return true;
        }

        if (TrySearch(first, ends, ports, protocol, out line)) return true;
        if (StateOf(isV6, first * FlowAbi.Ways).Overflow == 0) return false;
        uint second = unchecked(first ^ ((hash >> 20 | 1) * 0x9e3779b1)) & mask, smaller = mask >> FlowAbi.LevelShift;
        if (smaller >= FlowAbi.SmallestLevel && second <= smaller) second ^= (mask >> 1) + 1;
        return TrySearch(second, ends, ports, protocol, out line);
    }

    private struct Parsed
    {
        public bool IsV6;
        public int L3;
        public int IpSize;
        public int IpLength;
        public int Longest;
        public byte Protocol;
        public byte Ttl;
        public byte TcpFlags;
        public int TcpSize;
        public bool HasNoChecksum;
        public bool IsUnsegmented;

        public readonly int L4 => L3 + IpSize;
    }

    /// <summary>What is copied of a line while its version holds.</summary>
    internal struct Line
    {
        public uint Index;
        public uint Version;
        public FlowAction Action;
        public ushort Hop;
        public byte[] NewSource;
        public byte[] NewTarget;
        public ushort NewSourcePort;
        public ushort NewTargetPort;
        public FlowState State;
    }

    private bool TryParse(ReadOnlySpan<byte> frame, int receiveInterface, in PacketOffload offload, out Parsed packet)
    {
        packet = default;
        if (frame.Length < 14 + 4) return false;
        int type = Half(frame, 12);
        ushort vlan = 0;
        packet.L3 = 14;
        if (type == 0x8100)
        {
            vlan = (ushort)(Half(frame, 14) & 0xFFF);
            type = Half(frame, 16);
            packet.L3 = 18;
        }

        if (type is not (0x0800 or 0x86DD) || macOf(receiveInterface, vlan) is not { } mac || MacAddress.Read(frame) != mac) return false;
        packet.IsV6 = type == 0x86DD;
        packet.IpSize = packet.IsV6 ? 40 : 20;
        ReadOnlySpan<byte> ip = frame[packet.L3..];
        if (ip.Length < packet.IpSize + 8) return false;
        if (packet.IsV6)
        {
            if (ip[0] >> 4 != 6) return false;
            packet.IpLength = 40 + Half(ip, 4);
            packet.Protocol = ip[6];
            packet.Ttl = ip[7];
            if (packet.IpLength > 0xFFFF) return false;
        }
        else
        {
            if (ip[0] != 0x45 || (Half(ip, 6) & 0x3FFF) != 0 || SlowChecksum.Sum(ip[..20]) != 0xFFFF) return false;
            packet.IpLength = Half(ip, 2);
            packet.Protocol = ip[9];
            packet.Ttl = ip[8];
        }

        if (packet.IpLength != ip.Length && !(packet.IpLength < ip.Length && ip.Length <= 46)) return false;
        ReadOnlySpan<byte> l4 = ip[packet.IpSize..];
        int headers = packet.IpSize + 8;
        if (packet.Protocol == 17)
        {
            packet.HasNoChecksum = Half(l4, 6) == 0;
        }
        else if (packet.Protocol == 6)
        {
            if (l4.Length < 20) return false;
            packet.TcpSize = (l4[12] >> 4) * 4;
            packet.TcpFlags = l4[13];
            headers = packet.IpSize + packet.TcpSize;
            if (packet.TcpSize < 20) return false;
        }
        else
        {
            return false;
        }

        if (packet.IpLength < headers) return false;
        packet.IsUnsegmented = offload.Gso != GsoKind.None;
        packet.Longest = packet.IsUnsegmented ? Math.Min(packet.IpLength, headers + offload.GsoSize) : packet.IpLength;
        return true;
    }

    private bool TrySearch(uint bucket, ReadOnlySpan<byte> ends, ReadOnlySpan<byte> ports, byte protocol, out Line line)
    {
        bool isV6 = ends.Length == 32;
        Span<byte> room = stackalloc byte[36];
        for (uint index = bucket * FlowAbi.Ways; index < (bucket + 1) * FlowAbi.Ways; index++)
        {
            line = default;
            byte found = isV6 ? Copy(ref _memory.LinesV6[(int)index], room, ref line) : Copy(ref _memory.LinesV4[(int)index], room, ref line);
            line.Index = index;
            Span<byte> key = room[..(ends.Length + 4)];
            if ((line.Version & FlowAbi.StateMask) != FlowAbi.Live || found != protocol) continue;
            if (!key[..ends.Length].SequenceEqual(ends) || !key[ends.Length..].SequenceEqual(ports)) continue;
            Interlocked.MemoryBarrier();
            uint version = isV6 ? Volatile.Read(ref _memory.LinesV6[(int)index].Version) : Volatile.Read(ref _memory.LinesV4[(int)index].Version);
            return version == line.Version;
        }

        line = default;
        return false;
    }

    private static byte Copy(ref FlowLineV4 from, Span<byte> key, ref Line line)
    {
        line.Version = Volatile.Read(ref from.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(key, from.Source);
        BinaryPrimitives.WriteUInt32LittleEndian(key[4..], from.Target);
        BinaryPrimitives.WriteUInt16LittleEndian(key[8..], from.SourcePort);
        BinaryPrimitives.WriteUInt16LittleEndian(key[10..], from.TargetPort);
        line.Action = from.Action;
        line.Hop = from.Hop;
        line.NewSource = BitConverter.GetBytes(from.NewSource);
        line.NewTarget = BitConverter.GetBytes(from.NewTarget);
        line.NewSourcePort = from.NewSourcePort;
        line.NewTargetPort = from.NewTargetPort;
        line.State = from.State;
        return from.Protocol;
    }

    private static byte Copy(ref FlowLineV6 from, Span<byte> key, ref Line line)
    {
        line.Version = Volatile.Read(ref from.Version);
        line.NewSource = new byte[16];
        line.NewTarget = new byte[16];
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(key[(4 * i)..], from.Source[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(key[(16 + (4 * i))..], from.Target[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(line.NewSource.AsSpan(4 * i), from.NewSource[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(line.NewTarget.AsSpan(4 * i), from.NewTarget[i]);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(key[32..], from.SourcePort);
        BinaryPrimitives.WriteUInt16LittleEndian(key[34..], from.TargetPort);
        line.Action = from.Action;
        line.Hop = from.Hop;
        line.NewSourcePort = from.NewSourcePort;
        line.NewTargetPort = from.NewTargetPort;
        line.State = from.State;
        return from.Protocol;
    }

    // Everything that can refuse comes before the traces; the report is the last of it.
    private string Judge(ReadOnlySpan<byte> frame, in Parsed packet, in Line line, uint now, out FlowHop hop)
    {
        hop = default;
        if (packet.Ttl <= 1) return "ttl";
        if (packet.Longest > line.State.IpMtu) return "size";
        FlowAction kind = line.Action & FlowAction.Kind;
        if (kind >= FlowAction.Tunnel && packet.IsUnsegmented) return "segments";
        if (packet.Protocol == 17)
        {
            if (packet.HasNoChecksum && kind == FlowAction.Rewrite) return "checksum";
        }
        else
        {
            if ((packet.TcpFlags & (Rst | Syn | Fin | Ack)) == 0) return "flags";
            if ((packet.TcpFlags & Syn) != 0 && (line.Action & (FlowAction.Reply | FlowAction.Shift)) != FlowAction.Reply) return "syn";
            bool hasOtherOptions = packet.TcpSize != 20 &&
                (packet.TcpSize != 32 || BinaryPrimitives.ReadUInt32BigEndian(frame[(packet.L4 + 20)..]) != 0x0101080A);
            if ((line.Action & FlowAction.Shift) != 0 && hasOtherOptions) return "options";
        }

        ref FlowConfig config = ref _memory.Config[0];
        if (line.State.Counter >= config.CounterSlots) return "counter";
        if (_memory.Counters[(int)(Cpu * config.CounterSlots) + line.State.Counter].Withdrawn != 0) return "withdrawn";
        if (line.Hop == 0 || line.Hop >= _memory.Hops.Length) return "hop";
        uint version = Volatile.Read(ref _memory.Hops[line.Hop].Version);
        hop = _memory.Hops[line.Hop];
        Interlocked.MemoryBarrier();
        if ((version & 1) != 0 || Volatile.Read(ref _memory.Hops[line.Hop].Version) != version || hop.InterfaceIndex == 0) return "hop";
        if (IsXdp && (hop.Flags & FlowAbi.HopXdp) == 0) return "hop";
        bool isAlone = IsOlder(config.Heartbeat, now, config.Patience);
        if (isAlone && IsOlder(line.State.LastSeen, now, (uint)(line.State.Timeout * 1_000_000_000UL >> FlowAbi.TickShift))) return "expired";
        if (packet.Protocol == 6 && !TryReport(in packet, in line, now) && !isAlone) return "ring";
        return "forwarded";
    }

    private bool TryReport(in Parsed packet, in Line line, uint now)
    {
        ref FlowState state = ref StateOf(packet.IsV6, line.Index);
        if ((Volatile.Read(ref state.Report) & (uint)EventOf(packet.TcpFlags)) != 0) return true;
        if (line.State.Worker >= _memory.Rings.Count || !memory.HasRoom(line.State.Worker)) return false;
        BeLoud(ref state);
        if (line.State.Pair != 0) BeLoud(ref StateOf(packet.IsV6, line.State.Pair - 1));
        memory.Report(line.State.Worker, new FlowEvent
        {
            Line = line.Index, Version = line.Version, When = now, Family = (byte)(packet.IsV6 ? 6 : 4), Flags = packet.TcpFlags,
        });
        return true;
    }

    private static void BeLoud(ref FlowState state)
    {
        uint seen = Volatile.Read(ref state.Report);
        while (true)
        {
            uint found = Interlocked.CompareExchange(ref state.Report, unchecked(seen + FlowAbi.OneReport) & ~FlowAbi.QuietMask, seen);
            if (found == seen) return;
            seen = found;
        }
    }

    private static FlowEvents EventOf(byte flags)
    {
        int known = flags & (Rst | Syn | Fin | Ack);
        if (known == Ack) return FlowEvents.Ack;
        if ((known & Rst) != 0) return FlowEvents.Rst;
        return (known & Syn) != 0 ? FlowEvents.Syn : FlowEvents.Fin;
    }

    private void LeaveTraces(in Parsed packet, in Line line, uint now)
    {
        ref FlowCounter counter = ref _memory.Counters[(int)(Cpu * _memory.Config[0].CounterSlots) + line.State.Counter];
        if ((line.Action & FlowAction.Reply) != 0)
        {
            counter.OutboundPackets++;
            counter.OutboundOctets += (uint)packet.IpLength;
        }
        else
        {
            counter.InboundPackets++;
            counter.InboundOctets += (uint)packet.IpLength;
        }

        ref FlowState state = ref StateOf(packet.IsV6, line.Index);
        state.LastSeen = now;
        unchecked { state.Packets++; }
        _memory.Hops[line.Hop].Used = now;
    }

    private static FlowTwinFrame Rewrite(ReadOnlySpan<byte> frame, in Parsed packet, in Line line, in FlowHop hop, PacketOffload offload)
    {
        byte[] ip = frame.Slice(packet.L3, packet.IpLength).ToArray();
        ip[packet.IsV6 ? 7 : 8]--;
        switch (line.Action & FlowAction.Kind)
        {
            case FlowAction.Rewrite:
                ReplaceEnds(ip, in packet, in line, in offload);
                break;
            case FlowAction.Tunnel or FlowAction.Gre or FlowAction.Gue:
                if (offload.NeedsChecksum)
                {
                    byte[] whole = frame[..(packet.L3 + packet.IpLength)].ToArray();
                    ChecksumCompletion.TryComplete(whole, ref offload);
                    whole.AsSpan(packet.L4).CopyTo(ip.AsSpan(packet.IpSize));
                }

                Sum(ip, packet.IsV6);
                ip = Encapsulate(ip, packet.IsV6, in line);
                break;
        }

        Sum(ip, packet.IsV6);
        int l2 = hop.Vlan == 0 ? 14 : 18;
        byte[] sent = new byte[l2 + ip.Length];
        ReadOnlySpan<byte> macs = hop.Macs;
        macs.CopyTo(sent);
        if (hop.Vlan != 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(sent.AsSpan(12), 0x8100);
            BinaryPrimitives.WriteUInt16BigEndian(sent.AsSpan(14), hop.Vlan);
        }

        BinaryPrimitives.WriteUInt16BigEndian(sent.AsSpan(l2 - 2), (ushort)(packet.IsV6 ? 0x86DD : 0x0800));
        ip.CopyTo(sent, l2);
        int moved = l2 - packet.L3;
        if (offload.Gso != GsoKind.None) offload.HeaderLength = (ushort)(offload.HeaderLength + moved);
        if (offload.NeedsChecksum) offload.ChecksumStart = (ushort)(offload.ChecksumStart + moved);
        return new FlowTwinFrame((int)hop.InterfaceIndex, sent, offload);
    }

    private static void ReplaceEnds(byte[] ip, in Parsed packet, in Line line, in PacketOffload offload)
    {
        int addresses = packet.IsV6 ? 8 : 12, size = packet.IsV6 ? 16 : 4;
        Span<byte> l4 = ip.AsSpan(packet.IpSize);
        ChecksumDelta pseudoHeader = ChecksumDelta.None, segment = ChecksumDelta.None;
        Replace(ip.AsSpan(addresses, size), line.NewSource, ref pseudoHeader);
        Replace(ip.AsSpan(addresses + size, size), line.NewTarget, ref pseudoHeader);
        Replace(l4[..2], BitConverter.GetBytes(line.NewSourcePort), ref segment);
        Replace(l4[2..4], BitConverter.GetBytes(line.NewTargetPort), ref segment);
        if ((line.Action & FlowAction.Shift) != 0)
        {
            bool isReply = (line.Action & FlowAction.Reply) != 0;
            Span<byte> field = l4.Slice(isReply ? 8 : 4, 4);
            uint delta = isReply ? unchecked(0u - line.State.SequenceDelta) : line.State.SequenceDelta;
            Span<byte> shifted = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(shifted, unchecked(BinaryPrimitives.ReadUInt32BigEndian(field) + delta));
            if (!isReply || (packet.TcpFlags & Ack) != 0) Replace(field, shifted, ref segment);
        }

        L4Checksum.Replace((IpProtocol)packet.Protocol, l4, in offload, pseudoHeader, segment);
    }

    private static void Replace(Span<byte> field, ReadOnlySpan<byte> value, ref ChecksumDelta delta)
    {
        for (int i = 0; i < field.Length; i += 2) delta += ChecksumDelta.Replace((ushort)Half(field, i), (ushort)Half(value, i));
        value.CopyTo(field);
    }

    private static byte[] Encapsulate(byte[] inner, bool isV6, in Line line)
    {
        byte protocol = (byte)(isV6 ? 41 : 4);
        OctetWriter shim = (line.Action & FlowAction.Kind) switch
        {
            FlowAction.Gre => new OctetWriter().U16(0).U16(isV6 ? 0x86DD : 0x0800),
            FlowAction.Gue => new OctetWriter().U32(line.State.SequenceDelta).U16(12 + inner.Length).U16(0).U8(0).U8(protocol).U16(0),
            _ => new OctetWriter(),
        };
        byte next = (line.Action & FlowAction.Kind) switch { FlowAction.Gre => 47, FlowAction.Gue => 17, _ => protocol };
        return WriteOuter(inner, shim.ToArray(), next, isV6, in line);
    }

    private static byte[] WriteOuter(byte[] inner, byte[] shim, byte next, bool isV6, in Line line)
    {
        int size = isV6 ? 40 : 20;
        byte[] outer = new byte[size + shim.Length + inner.Length];
        byte tos = isV6 ? (byte)((Half(inner, 0) >> 4) & 0xFF) : inner[1];
        if ((tos & 3) == 3) tos = (byte)((tos & ~3) | 2);
        if (isV6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(outer, (6u << 28) | ((uint)tos << 20));
            BinaryPrimitives.WriteUInt16BigEndian(outer.AsSpan(4), (ushort)(shim.Length + inner.Length));
            outer[6] = next;
            outer[7] = inner[7];
        }
        else
        {
            bool isWhole = (line.Action & FlowAction.OuterDontFragment) != 0 && (inner[6] & 0x40) != 0;
            outer[0] = 0x45;
            outer[1] = tos;
            BinaryPrimitives.WriteUInt16BigEndian(outer.AsSpan(2), (ushort)outer.Length);

            // Any number will do (RFC 6864 §4.3 wants them different); the program draws one.
            BinaryPrimitives.WriteUInt16BigEndian(outer.AsSpan(4), isWhole ? (ushort)0 : (ushort)0x5A5A);
            outer[6] = (byte)(isWhole ? 0x40 : 0);
            outer[8] = inner[8];
            outer[9] = next;
        }

        int addresses = isV6 ? 8 : 12;
        line.NewSource.CopyTo(outer, addresses);
        line.NewTarget.CopyTo(outer, addresses + line.NewSource.Length);
        shim.CopyTo(outer, size);
        inner.CopyTo(outer, size + shim.Length);
        return outer;
    }

    private static void Sum(byte[] ip, bool isV6)
    {
        if (isV6) return;
        ip[10] = ip[11] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(10), (ushort)(SlowChecksum.Sum(ip.AsSpan(0, 20)) ^ 0xFFFF));
    }

    private ref FlowState StateOf(bool isV6, uint line)
    {
        if (isV6) return ref _memory.LinesV6[(int)line].State;
        return ref _memory.LinesV4[(int)line].State;
    }

    private static bool IsOlder(uint then, uint now, uint ticks) => unchecked((int)(now - then)) > unchecked((int)ticks);

    private static int Half(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
}
