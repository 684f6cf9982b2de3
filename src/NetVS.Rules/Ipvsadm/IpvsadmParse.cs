namespace NetVS.Rules.Ipvsadm;

/// <summary>What became of a command line: exactly one member is set.</summary>
/// <param name="Command">The command.</param>
/// <param name="Failure">The complaint.</param>
public readonly record struct IpvsadmParse(IpvsadmCommand? Command, IpvsadmFailure? Failure);
