namespace NetVS;

/// <summary>One command of the executable.</summary>
/// <param name="Summary">One line for <c>netvs --help</c>.</param>
/// <param name="RunAsync">Runs it with the arguments after its name; returns the exit status (0, 1 failure, 2 usage).</param>
internal sealed record Command(string Summary, Func<string[], Task<int>> RunAsync);
