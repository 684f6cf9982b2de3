using System.Text.Json;
using NetVS.Director.Connections;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Control.Replay;

/// <summary>Prints what a replay came to as one JSON object, for programs; docs/replay.md lists its members.</summary>
public static class ReplayReportJson
{
    /// <summary>Writes it, with a line end.</summary>
    public static void Write(ReplayReport report, Stream output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            WriteTraffic(json, report);
            WriteArray(json, "services", report.Services, WriteService);
            json.WritePropertyName("totals");
            WriteStatistics(json, report.Totals);
            WriteArray(json, "connections", report.Connections, WriteConnection);
            WriteArray(json, "assumptions", report.Assumptions, static (j, text) => j.WriteStringValue(text));
            WriteArray(json, "warnings", report.Warnings, static (j, text) => j.WriteStringValue(text));
            WriteArray(json, "faults", report.Faults, static (j, text) => j.WriteStringValue(text));
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteTraffic(Utf8JsonWriter json, ReplayReport report)
    {
        json.WriteNumber("startNanoseconds", report.Start);
        json.WriteNumber("endNanoseconds", report.End);
        json.WriteNumber("captured", report.Captured);
        json.WriteNumber("own", report.OwnPackets);
        json.WriteNumber("forwarded", report.Forwarded);
        json.WriteNumber("answered", report.Answered);
        json.WriteNumber("toStack", report.ToStack);
        json.WriteNumber("awaitingNeighbour", report.Awaiting);
        WriteArray(json, "interfaces", report.Interfaces, static (j, i) =>
        {
            j.WriteStartObject();
            j.WriteString("name", i.Interface);
            j.WriteNumber("received", i.Received);
            j.WriteNumber("sent", i.Sent);
            j.WriteEndObject();
        });
        WriteArray(json, "drops", report.Drops, static (j, d) =>
        {
            j.WriteStartObject();
            j.WriteString("reason", d.Reason);
            j.WriteNumber("packets", d.Packets);
            j.WriteString("text", d.Text);
            j.WriteEndObject();
        });
    }

    private static void WriteService(Utf8JsonWriter json, ServiceView service)
    {
        json.WriteStartObject();
        ServiceKey key = service.Rule.Key;
        json.WriteString("protocol", key.Protocol.ToString().ToUpperInvariant());
        json.WriteString("virtual", new IpEndpoint(key.Address, key.Port).ToString());
        json.WriteString("scheduler", service.Rule.Scheduler);
        json.WritePropertyName("statistics");
        WriteStatistics(json, service.Statistics);
        WriteArray(json, "destinations", service.Destinations, static (j, d) =>
        {
            j.WriteStartObject();
            j.WriteString("real", d.Rule.Real.ToString());
            j.WriteString("method", d.Rule.Method.ToString());
            j.WriteNumber("weight", d.Rule.Weight);
            j.WriteNumber("activeConnections", d.ActiveConnections);
            j.WriteNumber("inactiveConnections", d.InactiveConnections);
            j.WritePropertyName("statistics");
            WriteStatistics(j, d.Statistics);
            j.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void WriteConnection(Utf8JsonWriter json, ConnectionView connection)
    {
        json.WriteStartObject();
        json.WriteString("protocol", connection.Protocol.ToString().ToUpperInvariant());
        json.WriteString("state", connection.State);
        json.WriteNumber("expiresInSeconds", Math.Round(connection.ExpiresIn.TotalSeconds, 3));
        json.WriteString("client", connection.Client.ToString());
        json.WriteString("virtual", connection.Virtual.ToString());
        if (!connection.Local.Address.IsNone && connection.Local.Port != 0) json.WriteString("local", connection.Local.ToString());
        json.WriteString("real", connection.Real.ToString());
        json.WriteString("method", connection.Method.ToString());
        json.WriteBoolean("active", connection.IsActive);
        json.WriteEndObject();
    }

    private static void WriteStatistics(Utf8JsonWriter json, StatisticsView statistics)
    {
        json.WriteStartObject();
        json.WriteNumber("connections", statistics.Connections);
        json.WriteNumber("inboundPackets", statistics.InboundPackets);
        json.WriteNumber("outboundPackets", statistics.OutboundPackets);
        json.WriteNumber("inboundBytes", statistics.InboundBytes);
        json.WriteNumber("outboundBytes", statistics.OutboundBytes);
        json.WriteEndObject();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items) write(json, item);
        json.WriteEndArray();
    }
}
