using NetVS.Director.Forwarding;
using NetVS.Packets;

namespace NetVS.Director.Offload;

/// <summary>Goes through the lines that another director left: makes their connections, frees what belongs to none.</summary>
/// <remarks>Before the workers are driven, after the rules are in force. Packets pass by the lines all the time.</remarks>
internal static class FlowAdoption
{
    /// <summary>Adopts one family's flows.</summary>
    /// <param name="flows">Its flow table.</param>
    /// <param name="forwarders">Its forwarders, by worker.</param>
    /// <param name="now">The time.</param>
    /// <returns>Connections that go on, and lines that were freed.</returns>
    public static (int Adopted, int Freed) Run<TFamily, TAddress>(
        FlowTable<TAddress> flows, IReadOnlyList<Forwarder<TFamily, TAddress>> forwarders, MonotonicTime now)
        where TFamily : struct, IAddressFamily<TAddress>
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        flows.TakeOver();
        int adopted = 0, freed = 0;
        for (int line = 0; line < flows.Length; line++)
        {
            if (!flows.TryRead(line, out Flow<TAddress> flow) || (flow.Action & FlowAction.Reply) != 0) continue;
            bool isAdopted = false;
            foreach (Forwarder<TFamily, TAddress> forwarder in forwarders)
            {
                if (!forwarder.Owns(in flow)) continue;
                isAdopted = forwarder.TryAdopt(line, in flow, now);
                break;
            }

            if (isAdopted) adopted++;
            else freed += Free(flows, line);
        }

        // Replies whose request is not there any more, or another one.
        for (int line = 0; line < flows.Length; line++)
        {
            if (!flows.TryRead(line, out Flow<TAddress> flow) || (flow.Action & FlowAction.Reply) == 0) continue;
            int pair = (int)flows.StateOf(line).Pair - 1;
            bool isPaired = pair >= 0 && pair < flows.Length && flows.TryRead(pair, out Flow<TAddress> request) &&
                (request.Action & FlowAction.Reply) == 0 && flows.StateOf(pair).Pair == (uint)line + 1;
            if (!isPaired) freed += Free(flows, line);
        }

        return (adopted, freed);
    }

    private static int Free<TAddress>(FlowTable<TAddress> flows, int line)
        where TAddress : unmanaged
    {
        flows.Remove(line);
        return 1;
    }
}
