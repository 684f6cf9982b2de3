using System.Text.Json.Serialization.Metadata;
using NetVS.Api.Contract;
using NetVS.Api.Server;

namespace NetVS.Tests.Api;

/// <summary>docs/openapi.yaml describes the operations that there are, and no others.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_AndTable_HoldTheSameOperations()
    {
        await using TestDaemon daemon = await TestDaemon.StartAsync();
        string[] mapped = [.. ApiRoutes.Of(daemon.Control, _ => null).Select(r => $"{r.Method} {r.Path}").Order(StringComparer.Ordinal)];
        ReadDocument().Order(StringComparer.Ordinal).ShouldBe(mapped);
    }

    [Fact]
    public void Document_RefersOnlyToWhatItDefines()
    {
        string[] lines = File.ReadAllLines(FindDocument());
        int components = Array.IndexOf(lines, "components:");
        string[] defined = [.. lines.Skip(components).Where(l => l.StartsWith("    ") && l.Length > 4 && l[4] != ' ').Select(l => l.Trim().TrimEnd(':'))];
        foreach (string line in lines.Where(l => l.Contains("$ref:")))
            defined.ShouldContain(line[(line.LastIndexOf('/') + 1)..].Trim(' ', '"', '\'', '}'), line);
    }

    public static TheoryData<string, Type> Schemas => new()
    {
        { "Service", typeof(ServiceBody) },
        { "OverrideRequest", typeof(OverrideBody) },
        { "Override", typeof(OverrideReport) },
        { "OverrideList", typeof(OverrideList) },
        { "Kept", typeof(KeptReport) },
        { "KeptList", typeof(KeptList) },
        { "Mark", typeof(MarkBody) },
        { "MarkList", typeof(MarkList) },
        { "Tunnel", typeof(TunnelBody) },
        { "Destination", typeof(DestinationBody) },
        { "Statistics", typeof(StatisticsBody) },
        { "DestinationReport", typeof(DestinationReport) },
        { "LocalAddress", typeof(LocalAddressBody) },
        { "LocalAddressReport", typeof(LocalAddressReport) },
        { "LocalAddressList", typeof(LocalAddressList) },
        { "ServiceReport", typeof(ServiceReport) },
        { "ServiceList", typeof(ServiceList) },
        { "Connection", typeof(ConnectionReport) },
        { "ConnectionList", typeof(ConnectionList) },
        { "Timeouts", typeof(TimeoutsBody) },
        { "Drop", typeof(DropReport) },
        { "DropList", typeof(DropList) },
        { "Event", typeof(EventReport) },
        { "EventList", typeof(EventList) },
        { "Helper", typeof(HelperReport) },
        { "HelperList", typeof(HelperList) },
        { "FastPath", typeof(FastPathReport) },
        { "Part", typeof(PartReport) },
        { "Health", typeof(HealthReport) },
        { "VirtualServerHealth", typeof(VirtualServerHealthReport) },
        { "RealServerHealth", typeof(RealServerHealthReport) },
        { "CheckHealth", typeof(CheckHealthReport) },
        { "CheckChange", typeof(CheckChangeReport) },
        { "Vrrp", typeof(VrrpReport) },
        { "VrrpInstance", typeof(VrrpInstanceReport) },
        { "VrrpPriorityPart", typeof(VrrpPriorityPartReport) },
        { "VrrpOtherMaster", typeof(VrrpOtherMasterReport) },
        { "Setting", typeof(SettingReport) },
        { "SettingList", typeof(SettingList) },
        { "SettingValue", typeof(SettingBody) },
        { "Rules", typeof(RulesBody) },
        { "Plan", typeof(PlanReport) },
        { "Interface", typeof(InterfaceReport) },
        { "Status", typeof(StatusReport) },
        { "SyncDaemon", typeof(SyncDaemonBody) },
        { "SyncDaemonList", typeof(SyncDaemonList) },
        { "SyncReport", typeof(SyncReport) },
        { "Peers", typeof(PeersReport) },
        { "Peer", typeof(PeerReport) },
        { "Version", typeof(VersionReport) },
        { "Diagnostic", typeof(DiagnosticBody) },
        { "Problem", typeof(ProblemBody) },
    };

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Schema_AndContract_HoldTheSameMembersOfTheSameKinds(string schema, Type contract)
    {
        JsonTypeInfo info = ApiJson.Default.GetTypeInfo(contract).ShouldNotBeNull();
        string[] written = [.. info.Properties.Select(p => $"{p.Name} {KindOf(p.PropertyType)}")];
        ReadSchema(schema).Order(StringComparer.Ordinal).ShouldBe(written.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Schemas_OfTheDocument_AreAllCompared() =>
        ReadSchemaNames().Order(StringComparer.Ordinal).ShouldBe(Schemas.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    private static string KindOf(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(string) ? "string"
            : plain == typeof(bool) ? "boolean"
            : plain == typeof(double) ? "number"
            : plain.IsPrimitive ? "integer"
            : plain.IsArray ? "array"
            : plain == typeof(SortedDictionary<string, long>) || plain == typeof(Dictionary<string, string>) ? "object"
            : "$ref";
    }

    /// <summary>"member kind" of a schema, with those it takes over by allOf.</summary>
    private static IEnumerable<string> ReadSchema(string name)
    {
        string? member = null;
        bool isAllOf = false;
        foreach (string line in SchemaLines(name))
        {
            string text = line.Trim();
            int indent = line.Length - line.TrimStart().Length;
            if (text == "allOf:") isAllOf = true;
            if (isAllOf && indent == 8 && text.StartsWith("- $ref:", StringComparison.Ordinal))
                foreach (string inherited in ReadSchema(text[(text.LastIndexOf('/') + 1)..].Trim('\''))) yield return inherited;
            // Members stand at eight blanks, inside allOf at twelve.
            if (indent != (isAllOf ? 12 : 8) || text[0] is '-')
            {
                if (member is null) continue;
                if (text.StartsWith("$ref:", StringComparison.Ordinal)) yield return member + " $ref";
                else if (text == "type: array") yield return member + " array";
                else continue;
                member = null;
                continue;
            }

            string[] parts = text.Split(": ", 2);
            member = parts[0].TrimEnd(':');
            if (parts.Length == 1) continue;
            string kind = parts[1].Split("type: ")[1];
            yield return $"{member} {kind.TrimStart('[').Split(',', '}')[0]}";
            member = null;
        }
    }

    private static IEnumerable<string> SchemaLines(string name) =>
        Schema().SkipWhile(l => l != $"    {name}:").Skip(1).TakeWhile(l => l.StartsWith("     ", StringComparison.Ordinal));

    private static IEnumerable<string> ReadSchemaNames() =>
        Schema().Where(l => l.Length > 4 && l.StartsWith("    ", StringComparison.Ordinal) && l[4] != ' ').Select(l => l.Trim().TrimEnd(':'));

    private static IEnumerable<string> Schema() => File.ReadLines(FindDocument()).SkipWhile(l => l != "  schemas:").Skip(1);

    // Paths stand at two blanks, operations at four, by the document's own layout.
    private static IEnumerable<string> ReadDocument()
    {
        string path = "";
        bool isInPaths = false;
        foreach (string line in File.ReadLines(FindDocument()))
        {
            if (line.Length > 0 && line[0] != ' ') isInPaths = line == "paths:";
            if (!isInPaths) continue;
            if (line.StartsWith("  /", StringComparison.Ordinal)) path = line.Trim().TrimEnd(':');
            if (line is "    get:" or "    put:" or "    post:" or "    delete:") yield return $"{line.Trim().TrimEnd(':').ToUpperInvariant()} {path}";
        }
    }

    private static string FindDocument()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder.ShouldNotBeNull(), "docs", "openapi.yaml");
    }
}
