using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Topologies;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Lab.Journeys;

/// <summary>What the captures of a failover say: who announced the addresses when, who forwarded, how long a download was silent.</summary>
/// <remarks>Times are told, not judged: how late a machine with much to do is, is its own affair.</remarks>
internal sealed class FailoverWitness(WireTap tap, Topology topology, LabHost first, LabHost second, CheckList checks)
{
    /// <summary>The port of the peer channel in this lab.</summary>
    public const ushort PeerPort = 8849;

    private const int ManyPackets = 50;

    /// <summary>Between two adverts, in seconds.</summary>
    public const double Interval = 0.1;

    /// <summary>What the other director waits beyond three of them, by its priority of 100.</summary>
    public const double Skew = (256 - 100) / 256.0 * Interval;

    /// <summary>Tells it.</summary>
    public async Task TellAsync(CancellationToken cancellation)
    {
        checks.Head("what the wires say");
        string file = tap.Files.Single(f => f.Link == second.Links[0]).File;
        List<(double Time, bool IsFirst)> sent = await FailoverTimes.ReadAsync(file, first, cancellation);
        int takeover = sent.FindIndex(a => !a.IsFirst), back = sent.FindIndex(Math.Max(takeover, 0), a => a.IsFirst);
        checks.Expect(takeover > 0 && back > 0, $"{first.Name} advertises, then {second.Name}, then {first.Name} again", $"{sent.Count} adverts");
        if (takeover > 0 && back > 0)
        {
            Say($"{second.Name} is master {sent[takeover].Time - sent[takeover - 1].Time:0.000} s after the last advert of {first.Name}; 3 x advert_int + skew is {(3 * Interval) + Skew:0.000} s");
            Say($"{first.Name} is master again {sent[back].Time - sent[takeover].Time:0.00} s later");
            checks.Expect(!sent.Skip(back + 1).SkipWhile(a => a.Time < sent[back].Time + (10 * Interval)).Any(a => !a.IsFirst), $"{second.Name} has yielded to it");
        }

        IReadOnlyDictionary<LabLink, IReadOnlyList<WirePacket>> wires = tap.Read();
        foreach (IGrouping<ushort, WirePacket> download in wires[topology.Client.Links[0]].Where(p => p.Destination.Address == topology.Vip).GroupBy(p => p.Source.Port).Where(g => g.Count() > ManyPackets).OrderBy(g => g.Key))
            TellOfDownload(download.Key, wires);

        // A director that was killed has its own connections reset, those to its peer.
        int resets = wires.Values.Sum(w => w.Count(p => (p.Flags & TcpFlags.Rst) != 0 && p.Source.Port != PeerPort && p.Destination.Port != PeerPort));
        checks.Expect(resets == 0, "no client's connection was reset", $"{resets} resets");
        IReadOnlyList<string> faults = await tap.FindFaultsAsync(cancellation);
        foreach (string fault in faults.Take(10)) checks.Say($"    {fault}");
        checks.Expect(faults.Count == 0, "tshark finds every checksum and length right, in the captures of all interfaces", $"{faults.Count} packets are wrong");
    }

    // Every stretch of packets for the VIP that one director got, in the order of time.
    private void TellOfDownload(ushort port, IReadOnlyDictionary<LabLink, IReadOnlyList<WirePacket>> wires)
    {
        IEnumerable<(long Time, LabHost Host)> Seen(LabHost director) => wires[director.Links[0]]
            .Where(p => p.Source.Port == port && p.Destination.Address == topology.Vip && p.DestinationMac == director.Links[0].Mac).Select(p => (p.Time, director));
        List<(LabHost Host, int Count, long First, long Last)> ways = [];
        foreach ((long time, LabHost host) in Seen(first).Concat(Seen(second)).OrderBy(p => p.Time))
        {
            if (ways.Count > 0 && ways[^1].Host == host) ways[^1] = ways[^1] with { Count = ways[^1].Count + 1, Last = time };
            else ways.Add((host, 1, time, time));
        }

        string way = string.Join(", ", ways.Select((w, i) => string.Create(CultureInfo.InvariantCulture,
            $"{(i > 0 ? $"{(w.First - ways[i - 1].Last) / 1e9:0.000} s later " : "")}{w.Host.Name} ({w.Count} packets)")));
        if (ways[0].Host == first) checks.Expect(ways.Exists(w => w.Host == second), $"the download to port {port} went through both: {way}");
        else Say($"the download to port {port}: {way}");
    }

    private void Say(FormattableString text) => checks.Say("  " + text.ToString(CultureInfo.InvariantCulture));
}
