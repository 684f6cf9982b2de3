// bpf/flow.h: read it first.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using NetVS.Memory;

namespace NetVS.Director.Offload;

/// <summary>The flow table over one family's lines.</summary>
/// <typeparam name="TLayout">How the lines lie in memory.</typeparam>
/// <typeparam name="TLine">The line.</typeparam>
/// <typeparam name="TAddress">The family's address.</typeparam>
internal sealed partial class FlowLines<TLayout, TLine, TAddress> : FlowTable<TAddress>
    where TLayout : struct, IFlowLayout<TLine, TAddress>
    where TLine : unmanaged
    where TAddress : unmanaged
{
    private const uint SecondBucketFactor = 0x9e3779b1;

    private readonly NativeArray<TLine> _lines;
    private readonly NativeArray<FlowConfig> _config;
    private readonly FlowLevels _levels;

    /// <summary>A table over shared memory, which may have lines in force.</summary>
    /// <param name="lines">The lines: a power of two times <see cref="FlowAbi.Ways"/>.</param>
    /// <param name="config">Holds the hash's key, which must not change while there are lines.</param>
    public FlowLines(NativeArray<TLine> lines, NativeArray<FlowConfig> config)
    {
        int buckets = lines.Length / FlowAbi.Ways;
        if (buckets * FlowAbi.Ways != lines.Length || (buckets & (buckets - 1)) != 0)
            throw new ArgumentException($"{lines.Length} lines are not a power of two of buckets", nameof(lines));
        _lines = lines;
        _config = config;
        _levels = new FlowLevels((uint)buckets - 1);
        TellPlace();
    }

    /// <inheritdoc/>
    public override int Length => _lines.Length;

    /// <inheritdoc/>
    public override void Prefetch(in Flow<TAddress> flow)
    {
        int line = FirstBucket(TLayout.HashOf(in _config[0].Key, in flow), _levels.Placing) * FlowAbi.Ways;
        for (int way = 0; way < FlowAbi.Ways; way++) _lines.Prefetch(line + way);
    }

    /// <inheritdoc/>
    public override FlowClaim TryClaim(in Flow<TAddress> flow, uint report, uint lastSeen, out int line)
    {
        line = -1;
        uint hash = TLayout.HashOf(in _config[0].Key, in flow);
        int first = FirstBucket(hash), second = SecondBucket(first, hash);
        ref byte overflow = ref TLayout.StateOf(ref _lines[first * FlowAbi.Ways]).Overflow;
        if (IsInFirst(hash, in flow) || (Volatile.Read(ref overflow) != 0 && IsIn(second, in flow))) return FlowClaim.Exists;
        line = TakeInFirst(hash, _levels.Placing, _levels.Count);
        if (line < 0) line = TakeInSecond(hash, second, ref overflow);
        if (line < 0) line = TakeInFirst(hash, 0, _levels.Placing);
        if (line < 0) return FlowClaim.Full;
        ref TLine taken = ref _lines[line];
        TLayout.Write(ref taken, in flow);
        ref FlowState state = ref TLayout.StateOf(ref taken);
        Write(ref state, in flow);
        state.Timeout = flow.Timeout;
        state.Pair = 0;
        state.Report = report;
        state.LastSeen = lastSeen;
        state.Packets = 0;
        AddLines(1);
        return FlowClaim.Taken;
    }

    /// <inheritdoc/>
    public override void Publish(int line)
    {
        ref uint version = ref TLayout.VersionOf(ref _lines[line]);
        Debug.Assert((version & FlowAbi.StateMask) == FlowAbi.Busy, "only a claimed line is published");

        // Release. Partner: the program's first load of the version.
        Volatile.Write(ref version, (version & ~FlowAbi.StateMask) | FlowAbi.Live);
    }

    /// <inheritdoc/>
    public override void Rewrite(int line, in Flow<TAddress> flow)
    {
        ref TLine changed = ref _lines[line];
        ref uint version = ref TLayout.VersionOf(ref changed);
        Debug.Assert((version & FlowAbi.StateMask) == FlowAbi.Live, "only a line in force is changed");
        uint generation = unchecked((version & ~FlowAbi.StateMask) + FlowAbi.Generation);

        // A full fence: no store to the line may come before. Partner: the program's second load of the version.
        Interlocked.Exchange(ref version, generation | FlowAbi.Busy);
        TLayout.Write(ref changed, in flow);
        Write(ref TLayout.StateOf(ref changed), in flow);
        Volatile.Write(ref version, generation | FlowAbi.Live);
    }

    /// <inheritdoc/>
    public override void Suspend(int line)
    {
        ref uint version = ref TLayout.VersionOf(ref _lines[line]);
        Debug.Assert((version & FlowAbi.StateMask) != FlowAbi.Free, "a free line is nobody's to suspend");

        // A full fence: what is read next is read after the last packet that found the line in force.
        Interlocked.Exchange(ref version, (version & ~FlowAbi.StateMask) | FlowAbi.Busy);
    }

    /// <inheritdoc/>
    public override void Remove(int line)
    {
        ref TLine removed = ref _lines[line];
        ref uint version = ref TLayout.VersionOf(ref removed);
        Debug.Assert((version & FlowAbi.StateMask) != FlowAbi.Free, "a line is freed once");
        uint hash = TLayout.HashOf(in _config[0].Key, ref removed);

        // From here on it may be another worker's. Partner: the compare-and-exchange in TakeFree.
        Volatile.Write(ref version, version & ~FlowAbi.StateMask);
        if (!_levels.HasFirst(hash, line / FlowAbi.Ways)) Decrement(ref TLayout.StateOf(ref _lines[FirstBucket(hash) * FlowAbi.Ways]).Overflow);
        AddLines(-1);
    }

    /// <inheritdoc/>
    public override bool Says(int line, in Flow<TAddress> flow)
    {
        ref TLine asked = ref _lines[line];
        ref FlowState state = ref TLayout.StateOf(ref asked);
        Debug.Assert(TLayout.IsFor(ref asked, in flow), "a connection's line is for its packets");
        return TLayout.Does(ref asked, in flow) && state.IpMtu == flow.IpMtu && state.SequenceDelta == flow.SequenceDelta &&
            state.Counter == flow.Counter && state.Connection == flow.Connection && state.Worker == flow.Worker;
    }

    /// <inheritdoc/>
    public override bool TryRead(int line, out Flow<TAddress> flow)
    {
        ref TLine read = ref _lines[line];
        uint version = Volatile.Read(ref TLayout.VersionOf(ref read));
        TLayout.Read(ref read, out flow);
        ref FlowState state = ref TLayout.StateOf(ref read);
        flow.IpMtu = state.IpMtu;
        flow.SequenceDelta = state.SequenceDelta;
        flow.Counter = state.Counter;
        flow.Timeout = state.Timeout;
        flow.Connection = state.Connection;
        flow.Worker = state.Worker;
        Interlocked.MemoryBarrier();
        return (version & FlowAbi.StateMask) == FlowAbi.Live && Volatile.Read(ref TLayout.VersionOf(ref read)) == version;
    }

    /// <inheritdoc/>
    public override uint VersionOf(int line) => Volatile.Read(ref TLayout.VersionOf(ref _lines[line]));

    /// <inheritdoc/>
    public override ref FlowState StateOf(int line) => ref TLayout.StateOf(ref _lines[line]);

    private static void Write(ref FlowState state, in Flow<TAddress> flow)
    {
        state.SequenceDelta = flow.SequenceDelta;
        state.Counter = flow.Counter;
        state.Connection = flow.Connection;
        state.Worker = flow.Worker;
        state.IpMtu = flow.IpMtu;
    }

    /// <summary>The first bucket by the largest level.</summary>
    private int FirstBucket(uint hash) => (int)(hash & _levels.Largest);

    private int FirstBucket(uint hash, int level) => (int)(hash & _levels[level]);

    private int SecondBucket(int first, uint hash) => (int)_levels.Uncrowded(unchecked((uint)first ^ ((hash >> 20 | 1) * SecondBucketFactor)) & _levels.Largest);

    private static int HomeWay(uint hash) => (int)(hash >> 30);

    private void AddLines(int lines)
    {
        AddToCount(lines);
        if (_levels.Settle(Count)) TellPlace();
    }

    // Two workers may tell the program different levels at once: it then looks at the wrong one first, until the next change.
    private void TellPlace() => Volatile.Write(ref TLayout.PlaceMaskOf(ref _config[0]), _levels[_levels.Placing]);

    private bool IsInFirst(uint hash, in Flow<TAddress> flow)
    {
        for (int level = 0; level < _levels.Count; level++)
        {
            if (IsIn(FirstBucket(hash, level), in flow)) return true;
        }

        return false;
    }

    private bool IsIn(int bucket, in Flow<TAddress> flow)
    {
        for (int line = bucket * FlowAbi.Ways, end = line + FlowAbi.Ways; line < end; line++)
        {
            ref TLine asked = ref _lines[line];
            if ((Volatile.Read(ref TLayout.VersionOf(ref asked)) & FlowAbi.StateMask) != FlowAbi.Free && TLayout.IsFor(ref asked, in flow)) return true;
        }

        return false;
    }

    private int TakeInFirst(uint hash, int level, int end)
    {
        int line = -1;
        for (; level < end && line < 0; level++) line = TakeFree(FirstBucket(hash, level), HomeWay(hash));
        return line;
    }

    private int TakeInSecond(uint hash, int bucket, ref byte overflow)
    {
        // A line in a second bucket is known by not being in any first one. And the count goes up before the line can be found: the program looks
        // into the second bucket only where it is not 0.
        if (_levels.HasFirst(hash, bucket) || !TryIncrement(ref overflow)) return -1;
        int line = TakeFree(bucket, HomeWay(hash));
        if (line < 0) Decrement(ref overflow);
        return line;
    }

    private int TakeFree(int bucket, int home)
    {
        for (int i = 0; i < FlowAbi.Ways; i++)
        {
            int line = (bucket * FlowAbi.Ways) + ((home + i) % FlowAbi.Ways);
            ref uint version = ref TLayout.VersionOf(ref _lines[line]);
            uint seen = Volatile.Read(ref version);
            if ((seen & FlowAbi.StateMask) != FlowAbi.Free) continue;

            // Partner: Remove, by whatever worker had the line before.
            uint taken = unchecked(seen + FlowAbi.Generation) | FlowAbi.Busy;
            if (Interlocked.CompareExchange(ref version, taken, seen) == seen) return line;
        }

        return -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryIncrement(ref byte overflow)
    {
        while (true)
        {
            byte seen = Volatile.Read(ref overflow);
            if (seen == byte.MaxValue) return false;
            if (Interlocked.CompareExchange(ref overflow, (byte)(seen + 1), seen) == seen) return true;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Decrement(ref byte overflow)
    {
        while (true)
        {
            byte seen = Volatile.Read(ref overflow);
            Debug.Assert(seen != 0, "every flow in a second bucket was counted");
            if (seen == 0 || Interlocked.CompareExchange(ref overflow, (byte)(seen - 1), seen) == seen) return;
        }
    }
}
