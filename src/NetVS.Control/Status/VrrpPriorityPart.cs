namespace NetVS.Control.Status;

/// <summary>A part of an instance's priority: something it tracks.</summary>
/// <param name="Name">What is tracked: "script chk".</param>
/// <param name="State">good, bad or unknown.</param>
/// <param name="Weight">Its weight; 0 where it is FAULT instead.</param>
/// <param name="Contribution">What it adds just now.</param>
/// <param name="IsFault">Whether it keeps the instance in FAULT just now.</param>
public sealed record VrrpPriorityPart(string Name, string State, int Weight, int Contribution, bool IsFault);
