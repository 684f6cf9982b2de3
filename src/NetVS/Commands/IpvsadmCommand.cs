using System.Text;
using NetVS.Api.Client;
using NetVS.Api.Server;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Commands;

/// <summary><c>netvs ipvsadm</c>, or the program itself under the name ipvsadm.</summary>
internal static class IpvsadmCommand
{
    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("ipvsadm's command line: services, real servers, listings", IpvsadmHelp.Text, RunAsync);

    private static async Task<int> RunAsync(string[] arguments)
    {
        using var client = new ApiClient(ControlSocket.DefaultPath);
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
        var program = new IpvsadmProgram(new ApiTarget(client), new SystemNames(), Console.In, output, Console.Error)
        {
            ExplainsRefusals = !Console.IsErrorRedirected,
        };
        int status = await program.RunAsync(arguments);
        try
        {
            await output.FlushAsync();
        }
        catch (IOException)
        {
            // Who read the output has gone, as head(1) does: nothing to complain about to anybody.
        }

        return status;
    }
}
