using NetVS.Director.Connections;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;

namespace NetVS.Control.Replay;

/// <summary>Prints what a replay came to, for people.</summary>
public static class ReplayReportWriter
{
    private const int MostConnections = 50;
    private const int ColumnWidth = 12;

    /// <summary>Prints it.</summary>
    public static void Write(ReplayReport report, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        WriteTraffic(report, output);
        output.Write("\nServices and destinations, as ipvsadm -Ln --stats --exact\n");
        var listing = new ServiceListingWriter(
            output, new ListingOptions { Layout = ListingLayout.Statistics, IsNumeric = true, IsExact = true }, NoNames.Instance);
        listing.Write(report.Services.Select(ToListing), null);
        WriteConnections(report, output);
        foreach (string assumption in report.Assumptions) output.Write($"\nassumed: {assumption}");
        if (report.Assumptions.Count > 0) output.Write('\n');
    }

    private static void WriteTraffic(ReplayReport report, TextWriter output)
    {
        double seconds = (report.End - report.Start) / 1e9;
        output.Write($"{report.Captured} packets in {seconds:0.000000} s");
        if (report.Captured > 0) output.Write($", {Time(report.Start)} to {Time(report.End)}");
        output.Write('\n');
        foreach ((string name, long received, long sent) in report.Interfaces) output.Write($"  {name}: {received} received, {sent} sent\n");
        Number("forwarded", report.Forwarded, "");
        Number("answered", report.Answered, "with an ICMP message of the director's");
        Number("to the stack", report.ToStack, "not of a service: the kernel's");
        Number("own", report.OwnPackets, "sent by the director when the capture was made; not replayed");
        Number("not sent", report.Awaiting, "the neighbour's MAC is not known");
        long drops = report.Drops.Sum(d => d.Packets);
        if (drops == 0) return;
        output.Write("\nDropped, or answered, by reason\n");
        foreach ((string reason, string text, long packets) in report.Drops) output.Write($"{packets,ColumnWidth}  {reason}: {text}\n");

        void Number(string what, long packets, string meaning)
        {
            if (packets > 0 || what == "forwarded") output.Write($"{packets,ColumnWidth}  {what}{(meaning.Length == 0 ? "" : ": " + meaning)}\n");
        }
    }

    private static void WriteConnections(ReplayReport report, TextWriter output)
    {
        output.Write($"\nConnections at the end: {report.Connections.Count}\n");
        if (report.Connections.Count == 0) return;
        var writer = new ConnectionListingWriter(output, new ListingOptions { IsNumeric = true }, NoNames.Instance);
        foreach (ConnectionView c in report.Connections.Take(MostConnections))
            writer.Write(new ConnectionListing(c.Protocol, (long)c.ExpiresIn.TotalSeconds, c.State, c.Client, c.Virtual, c.Real));
        if (report.Connections.Count > MostConnections) output.Write($"... and {report.Connections.Count - MostConnections} more: --json lists them all\n");
    }

    private static ServiceListing ToListing(ServiceView service) => new(
        service.Rule,
        ToListing(service.Statistics),
        [.. service.Destinations.Select(d => new DestinationListing(
            d.Rule, d.ActiveConnections, d.InactiveConnections, d.PersistentConnections, ToListing(d.Statistics)))],
        []);

    private static StatisticsListing ToListing(StatisticsView s) => new(
        s.Connections, s.InboundPackets, s.OutboundPackets, s.InboundBytes, s.OutboundBytes,
        s.ConnectionsPerSecond, s.InboundPacketsPerSecond, s.OutboundPacketsPerSecond, s.InboundBytesPerSecond, s.OutboundBytesPerSecond);

    private static string Time(long nanoseconds) =>
        $"{DateTime.UnixEpoch.AddTicks(nanoseconds / 100):yyyy-MM-dd HH:mm:ss.ffffff}";
}
