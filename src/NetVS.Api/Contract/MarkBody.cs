namespace NetVS.Api.Contract;

/// <summary>A mark rule in the API.</summary>
internal sealed record MarkBody
{
    /// <summary>As it is written: <c>tcp 192.0.2.0/24 80-90 7</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>Before which rule it shall stand, counted from 1; left out for the end.</summary>
    public int? Position { get; set; }
}
