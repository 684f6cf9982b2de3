using NetVS.Control.Peers;

namespace NetVS.Commands;

/// <summary><c>netvs sync</c>: what the peer channel needs before it runs.</summary>
internal static class SyncCommand
{
    private const string Usage =
        "usage: netvs sync key FILE\n\n" +
        "Makes the key by which directors know each other on the peer channel (netvs run --sync-key): an EC private key in PEM that\n" +
        "only its owner can read. Copy it to the other director by a way that nobody else reads. A file that is there is not overwritten.";

    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("a key for directors that tell each other of their connections", Usage, RunAsync);

    private static Task<int> RunAsync(string[] arguments)
    {
        OptionReader read = OptionReader.Read(arguments, "--help|-h");
        if (read["--help"] is not null)
        {
            Console.Write(Usage + "\n");
            return Task.FromResult(0);
        }

        if (read.Problem is { } problem) return Task.FromResult(ClientCommand.Fail(problem, 2));
        if (read.Operands is not ["key", var file]) return Task.FromResult(ClientCommand.Fail("the command is 'netvs sync key FILE': try --help", 2));
        try
        {
            PeerKey.Create(file);
            return Task.FromResult(0);
        }
        catch (PeerKeyException e)
        {
            return Task.FromResult(ClientCommand.Fail(e.Message, 1));
        }
    }
}
