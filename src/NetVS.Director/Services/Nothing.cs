namespace NetVS.Director.Services;

/// <summary>The value of a map that is a set.</summary>
internal readonly record struct Nothing;
