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
    private const double Interval = 0.1, Skew = (256 - 100) / 256.0 * Interval;

    /// <summary>Tells it.</summary>
    public async Task TellAsync(CancellationToken cancellation)
    {
        checks.Head("what the wires say");
        string file = tap.Files.Single(f => f.Link == second.Links[0]).File;
        IReadOnlyList<string[]> adverts = await Tshark.ReadFieldsAsync(file, "vrrp", ["frame.time_epoch", "eth.src", "vrrp.prio"], cancellation);
        var sent = adverts.Select(a => (Time: double.Parse(a[0], CultureInfo.InvariantCulture), IsFirst: a[1] == first.Links[0].Mac.ToString())).ToList();
        int takeover = sent.FindIndex(a => !a.IsFirst), back = sent.FindIndex(Math.Max(takeover, 0), a => a.IsFirst);
        checks.Expect(takeover > 0 && back > 0, $"{first.Name} advertises, then {second.Name}, then {first.Name} again", $"{sent.Count} adverts");
        if (takeover > 0 && back > 0)
        {
            Say($"{second.Name} is master {sent[takeover].Time - sent[takeover - 1].Time:0.000} s after the last advert of {first.Name}; 3 x advert_int + skew is {(3 * Interval) + Skew:0.000} s");
            Say($"{first.Name} is master again {sent[back].Time - sent[takeover].Time:0.00} s later");
            checks.Expect(!sent.Skip(back + 1).SkipWhile(a => a.Time < sent[back].Time + (10 * Interval)).Any(a => !a.IsFirst), $"{second.Name} has yielded to it");
        }

        IReadOnlyDictionary<LabLink, IReadOnlyList<WirePacket>> wires = tap.Read();
        TellOfForwarding(wires);
        TellOfSilence(wires[topology.Client.Links[0]]);
        IReadOnlyList<string> faults = await tap.FindFaultsAsync(cancellation);
        foreach (string fault in faults.Take(10)) checks.Say($"    {fault}");
        checks.Expect(faults.Count == 0, "tshark finds every checksum and length right, in the captures of all interfaces", $"{faults.Count} packets are wrong");
    }

    private void TellOfForwarding(IReadOnlyDictionary<LabLink, IReadOnlyList<WirePacket>> wires)
    {
        foreach (LabHost director in (LabHost[])[first, second])
        {
            int packets = wires[director.Links[0]].Count(p => p.Destination.Address == topology.Vip && p.DestinationMac == director.Links[0].Mac);
            checks.Expect(packets > 0, $"{director.Name} got {packets} packets for the VIP");
        }

        int resets = wires.Values.Sum(w => w.Count(p => (p.Flags & TcpFlags.Rst) != 0));
        checks.Expect(resets == 0, "no connection was reset", $"{resets} resets");
    }

    private void TellOfSilence(IReadOnlyList<WirePacket> packets)
    {
        foreach (IGrouping<ushort, WirePacket> download in packets.Where(p => p.Source.Address == topology.Vip && p.PayloadLength > 0)
            .GroupBy(p => p.Destination.Port).Where(g => g.Count() > 100).OrderBy(g => g.Key))
        {
            long longest = 0, before = 0;
            foreach (WirePacket packet in download)
            {
                if (before > 0) longest = Math.Max(longest, packet.Time - before);
                before = packet.Time;
            }

            Say($"the longest silence of the download to port {download.Key} was {longest / 1e9:0.000} s");
        }
    }

    private void Say(FormattableString text) => checks.Say("  " + text.ToString(CultureInfo.InvariantCulture));
}
