using NetVS.Api.Client;
using NetVS.Api.Contract;
using NetVS.Api.Server;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Commands;

/// <summary>What all commands that ask the daemon have in common: options, contact, complaints, exit status.</summary>
internal static class ClientCommand
{
    /// <summary>The paragraph on the socket in every usage text.</summary>
    public const string SocketUsage = "      --socket PATH  the daemon's socket (default: $NETVS_SOCKET, or /run/netvs/netvs.sock)";

    /// <summary>Reads the options and runs a question to the daemon.</summary>
    /// <param name="arguments">The words after the command.</param>
    /// <param name="usage">The text of --help.</param>
    /// <param name="options">The command's own options, as for <see cref="OptionReader.Read"/>.</param>
    /// <param name="operands">The least and the most operands.</param>
    /// <param name="ask">Asks the daemon; returns the exit status.</param>
    public static async Task<int> RunAsync(
        string[] arguments, string usage, string[] options, (int Least, int Most) operands, Func<OptionReader, ApiClient, Task<int>> ask)
    {
        OptionReader read = OptionReader.Read(arguments, [.. options, "--socket=", "--help|-h"]);
        if (read["--help"] is not null)
        {
            Console.Write(usage + "\n");
            return 0;
        }

        string? problem = read.Problem;
        if (problem is null && read.Operands.Count < operands.Least) problem = "something is missing: try --help";
        if (problem is null && read.Operands.Count > operands.Most) problem = $"unexpected '{read.Operands[operands.Most]}': try --help";
        if (problem is not null) return Fail(problem, 2);
        using var client = new ApiClient(read["--socket"] ?? ControlSocket.DefaultPath);
        try
        {
            return await ask(read, client);
        }
        catch (TargetUnavailableException unavailable)
        {
            return Fail($"the daemon on {client.SocketPath} cannot be reached: {unavailable.Message}: start it with 'netvs run', or name its socket with --socket", 1);
        }
    }

    /// <summary>Prints a complaint and returns the exit status.</summary>
    public static int Fail(string message, int status)
    {
        Console.Error.Write($"netvs: {message}\n");
        return status;
    }

    /// <summary>Prints why the daemon refused: each problem of a rules file on its line, or the detail.</summary>
    public static int Fail(ProblemBody problem)
    {
        foreach (DiagnosticBody p in problem.Problems ?? []) Console.Error.Write($"{p.File}:{p.Line}:{p.Column}: {p.Message}\n");
        return Fail(problem.Detail ?? problem.Status, 1);
    }
}
