namespace NetVS.Api.Contract;

/// <summary>The mark rules, first match first.</summary>
/// <param name="Marks">Each as it is written: <c>tcp 192.0.2.0/24 80-90 7</c>.</param>
internal sealed record MarkList(string[] Marks);
