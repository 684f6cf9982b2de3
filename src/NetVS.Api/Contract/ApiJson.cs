using System.Text.Json;
using System.Text.Json.Serialization;

namespace NetVS.Api.Contract;

/// <summary>The JSON of the API: snake case, strict in what it takes (no unknown, missing or doubled member, no null where none may be).</summary>
/// <remarks>Optional members of bodies have setters: the generated code gives init-only members that are missing null, not their initial value.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceBody))]
[JsonSerializable(typeof(DestinationBody))]
[JsonSerializable(typeof(OverrideBody))]
[JsonSerializable(typeof(OverrideList))]
[JsonSerializable(typeof(KeptList))]
[JsonSerializable(typeof(MarkBody))]
[JsonSerializable(typeof(MarkList))]
[JsonSerializable(typeof(ServiceReport))]
[JsonSerializable(typeof(ServiceList))]
[JsonSerializable(typeof(LocalAddressBody))]
[JsonSerializable(typeof(LocalAddressList))]
[JsonSerializable(typeof(ConnectionList))]
[JsonSerializable(typeof(TimeoutsBody))]
[JsonSerializable(typeof(StatisticsBody))]
[JsonSerializable(typeof(DropList))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(HelperList))]
[JsonSerializable(typeof(SettingReport))]
[JsonSerializable(typeof(SettingList))]
[JsonSerializable(typeof(SettingBody))]
[JsonSerializable(typeof(RulesBody))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(VersionReport))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(SyncDaemonBody))]
[JsonSerializable(typeof(SyncDaemonList))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(VrrpReport))]
internal sealed partial class ApiJson : JsonSerializerContext;
