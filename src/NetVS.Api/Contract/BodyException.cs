namespace NetVS.Api.Contract;

/// <summary>A body that is JSON but makes no sense; the message names the member and what it may be.</summary>
internal sealed class BodyException(string message) : Exception(message);
