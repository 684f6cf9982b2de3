namespace NetVS;

/// <summary>One command of the executable.</summary>
/// <param name="Summary">One line for <c>netvs --help</c>.</param>
/// <param name="Usage">What <c>--help</c> prints: first its forms, then in words what it does, its operands and its options.</param>
/// <param name="RunAsync">Runs it with the arguments after its name; returns the exit status (0, 1 failure, 2 usage).</param>
internal sealed record Command(string Summary, string Usage, Func<string[], Task<int>> RunAsync);
