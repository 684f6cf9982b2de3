// Thaler, Ravishankar, "Using Name-Based Mappings to Increase Hit Rates" (1998); the weights as in Schindelhauer, Schomaker, "Weighted Distributed
// Hash Tables" (2005), the logarithmic method.
using NetVS.Director.Connections;
using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Scheduling;

/// <summary>The choice of sh, dh and mh under <c>--stable-hash</c>: who goes or comes moves its own clients, and no others.</summary>
/// <remarks>
/// <para>No state. Each server draws a number for the key, by a hash of both, and the greatest wins. A server of weight 0 or overloaded does
/// not draw: its clients go to whoever is second for them, spread over all others, and every other client keeps its winner. When it is back it draws
/// the same numbers as before. That holds however it leaves: quiesced, deleted, or failed, and in whatever order the servers were added.</para>
/// <para>A number u, uniform between 0 and 1, becomes weight / -ln u: then each server wins in proportion to its weight, and another weight moves
/// clients to or from that server alone. The hash's keys are fixed, so that directors agree.</para>
/// <para>It costs a hash for each server where the tables cost one look.</para>
/// </remarks>
internal static class RendezvousHash
{
    /// <summary>The choice by the client: its address, and its port where the service says so.</summary>
    public static Destination? ChooseForClient(VirtualServiceState service, in SchedulingRequest request) =>
        Choose(service.Destinations, request.Client, HashKey.PortOf(service, in request), usesWeights: true);

    /// <summary>The choice for an address and a port.</summary>
    public static Destination? Choose(Destination[] destinations, IpAddress address, ushort port, bool usesWeights)
    {
        var hash = new SipHash13(MaglevHash.Key1, MaglevHash.Key2);
        Add(ref hash, address);
        Destination? winner = null;
        double greatest = 0;
        foreach (Destination destination in destinations)
        {
            if (!Scheduler.IsEligible(destination)) continue;
            SipHash13 drawn = hash;
            Add(ref drawn, destination.Address);
            ulong number = drawn.Finish(((ulong)destination.Port << 16) | port);

            // 52 bits, in the middle of their step: never 0, never 1.
            double uniform = ((number >> 12) + 0.5) / (1UL << 52);
            double score = (usesWeights ? destination.Weight : 1) / -Math.Log(uniform);
            if (winner is not null && score <= greatest) continue;
            winner = destination;
            greatest = score;
        }

        return winner;
    }

    private static void Add(ref SipHash13 hash, IpAddress address)
    {
        (ulong high, ulong low) = address.Family == IpFamily.V6 ? address.V6 : new Ipv6Address(0, address.V4.Value);
        hash.Add(high);
        hash.Add(low);
    }
}
