using System.Text.Json.Serialization;

namespace NetVS.RealServer;

/// <summary>The record file's JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Record))]
internal sealed partial class RecordFormat : JsonSerializerContext;
