using System.Runtime.CompilerServices;
using NetVS.Director.Offload;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Measurement;

/// <content>What the flow table costs the director; compare with the same without it.</content>
public sealed partial class EngineMeasurement
{
    /// <summary>Measures installing, changing and removing lines, and taking in reports.</summary>
    public static IEnumerable<Measurement> RunOffload(Func<long> nanoseconds, IEnumerable<int> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        foreach (int size in sizes)
        {
            double copy = new Meter(nanoseconds).MeasureCopy(size);
            using var run = new EngineMeasurement(nanoseconds, size, ForwardingMethod.Nat, isOffloaded: true);
            int pieces = run._packets / Meter.PieceLength;
            run.ProcessAll();
            yield return run.Take("offload: packet of a connection with lines", copy, pieces, p => run.ProcessPiece(p, run._requests, run._frontIndex, true));
            yield return run.Take("offload: new NAT connection with two lines", copy, run._churned / Meter.PieceLength, run.Open, run.ExpireHalfOpen);
            yield return run.Take("offload: two lines taken, published, freed", copy, pieces, run.TakeAndFree);
            run.ReportAll();
            yield return run.Take("offload: a report taken in", copy, pieces, run.Drain, run.ReportAll);
            yield return run.Take("offload: a connection's lines looked after", copy, pieces, run.Refresh);
        }
    }

    private void ProcessAll()
    {
        for (int p = 0; p < _packets / Meter.PieceLength; p++) ProcessPiece(p, _requests, _frontIndex, isExpected: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeAndFree(int piece)
    {
        FlowTable<Ipv4Address> table = _engine.Offload!.LinesV4;
        for (int i = 0; i < Meter.PieceLength; i++)
        {
            // Clients that have no connection, so that the lines are new; as random in memory as they would be.
            IpEndpoint client = ClientOf(_count + _churned + (piece * Meter.PieceLength) + i);
            var request = new Flow<Ipv4Address>
            {
                Source = client.Address.V4, SourcePort = client.Port, Target = s_virtual.Address.V4, TargetPort = 80, Protocol = IpProtocol.Tcp,
                NewSource = client.Address.V4, NewSourcePort = client.Port, NewTarget = RealOf(0), NewTargetPort = 8080, Action = FlowAction.Rewrite, Hop = 1,
            };
            var reply = new Flow<Ipv4Address>
            {
                Source = RealOf(0), SourcePort = 8080, Target = client.Address.V4, TargetPort = client.Port, Protocol = IpProtocol.Tcp,
                NewSource = s_virtual.Address.V4, NewSourcePort = 80, NewTarget = client.Address.V4, NewTargetPort = client.Port, Action = FlowAction.Rewrite, Hop = 1,
            };

            // Where both buckets are full, the next client's turn comes sooner: one in a hundred.
            if (table.TryClaim(in request, 0, 0, out int inbound) != FlowClaim.Taken) continue;
            if (table.TryClaim(in reply, 0, 0, out int outbound) == FlowClaim.Taken)
            {
                table.Publish(inbound);
                table.Publish(outbound);
                table.Suspend(inbound);
                table.Suspend(outbound);
                table.Remove(outbound);
            }

            table.Remove(inbound);
        }
    }

    /// <summary>One report of every packet's connection, in their order, which is random.</summary>
    private void ReportAll()
    {
        int[] order = _order;
        for (int i = 0; i < _packets; i++)
        {
            int line = _worker.V4.Connections[order[i] + 1].FlowInbound - 1;

            // One in a hundred found both buckets full.
            if (line < 0) continue;
            _flows!.Report(line, Ack, FlowTick.Of(_now));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Drain(int piece) => _worker.DrainReports(_now);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refresh(int piece)
    {
        int begin = (int)((long)piece * Meter.PieceLength % Math.Max(1, _count - Meter.PieceLength));
        _worker.V4.RefreshFlows(begin, Meter.PieceLength, isLoud: false, _now);
    }
}
