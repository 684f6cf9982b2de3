namespace NetVS.Control.Replay;

/// <summary>One capture to replay.</summary>
/// <param name="Label">The file's name as given, for messages.</param>
/// <param name="InterfaceName">The interface its packets were received on; null to take it from the capture.</param>
/// <param name="Open">Opens it from its beginning; is called twice when the network must be taken from the capture.</param>
public sealed record ReplayInput(string Label, string? InterfaceName, Func<Stream> Open);
