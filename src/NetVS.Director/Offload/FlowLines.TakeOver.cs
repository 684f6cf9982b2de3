using NetVS.Memory;

namespace NetVS.Director.Offload;

/// <content>Lines that another director left.</content>
internal sealed partial class FlowLines<TLayout, TLine, TAddress>
{
    /// <inheritdoc/>
    public override void TakeOver()
    {
        byte[] overflow = new byte[_lines.Length / FlowAbi.Ways];
        int live = 0;
        for (int line = 0; line < _lines.Length; line++)
        {
            ref TLine left = ref _lines[line];
            ref uint version = ref TLayout.VersionOf(ref left);
            uint seen = Volatile.Read(ref version);
            if ((seen & FlowAbi.StateMask) == FlowAbi.Busy) Volatile.Write(ref version, seen & ~FlowAbi.StateMask);
            if ((seen & FlowAbi.StateMask) != FlowAbi.Live) continue;
            live++;
            uint hash = TLayout.HashOf(in _config[0].Key, ref left);
            int first = FirstBucket(hash);
            if (!_levels.HasFirst(hash, line / FlowAbi.Ways) && overflow[first] < byte.MaxValue) overflow[first]++;
        }

        // Never by way of 0 where there are some: the program would not find them meanwhile.
        for (int bucket = 0; bucket < overflow.Length; bucket++)
        {
            ref byte count = ref TLayout.StateOf(ref _lines[bucket * FlowAbi.Ways]).Overflow;
            if (count != overflow[bucket]) Volatile.Write(ref count, overflow[bucket]);
        }

        AddLines(live);
    }
}
