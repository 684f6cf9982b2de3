namespace NetVS.Rules.Ipvsadm;

/// <summary>Why a command line was not understood.</summary>
/// <param name="Text">What goes to standard error, without the last newline.</param>
/// <param name="ExitCode">2 for complaints of ipvsadm's own, 255 for those of its option library.</param>
/// <param name="EndsRestore">Whether <c>-R</c> stops at such a line; otherwise it goes on with the next.</param>
/// <param name="WordIndex">Which word is to blame, for the column in a rules file; -1 when none in particular.</param>
public sealed record IpvsadmFailure(string Text, int ExitCode, bool EndsRestore, int WordIndex);
