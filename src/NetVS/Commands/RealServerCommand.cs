using NetVS.Linux;
using NetVS.RealServer;

namespace NetVS.Commands;

/// <summary><c>netvs realserver</c>: prepares a host as a real server, puts it back, says what is missing.</summary>
internal static class RealServerCommand
{
    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("prepare this host as a real server, or put it back", RealServerOptions.Usage, args => Task.FromResult(Run(args)));

    private static int Run(string[] arguments)
    {
        if (arguments is ["-h" or "--help" or "help", ..])
        {
            Console.WriteLine(RealServerOptions.Usage);
            return 0;
        }

        if (RealServerOptions.Parse(arguments, out RealServerOptions options) is string problem)
        {
            Console.Error.WriteLine($"netvs: {problem}");
            return 2;
        }

        if (!Environment.IsPrivilegedProcess)
        {
            Console.Error.WriteLine("netvs: realserver looks at and changes the host's network: run it as root (sudo)");
            return 1;
        }

        try
        {
            return options.Action switch
            {
                "setup" => SetUp(options),
                "undo" => Undo(options),
                _ => Status(options),
            };
        }
        catch (Exception e) when (e is RealServerException or KernelCallException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"netvs: {e.Message}");
            return 1;
        }
    }

    private static int SetUp(RealServerOptions options)
    {
        bool isAnyoneBelieved;
        if (options.Method == "fullnat")
        {
            foreach (Packets.IpAddress vip in options.Vips) Console.WriteLine($"= VIP {vip}: stays on the director");
            isAnyoneBelieved = new ClientAddressPrograms(Console.WriteLine).SetUp(options.ControlGroup, options.From, options.IsDryRun);
        }
        else
        {
            isAnyoneBelieved = Host.SetUp(Setups(options), options.From, options.IsDryRun);
        }

        if (isAnyoneBelieved && options.From is null)
            Console.Error.WriteLine($"netvs: warning: {Danger(options.Method)}: give --from, or --from any to say so");
        if (options.IsDryRun) Console.WriteLine("dry run: nothing was changed");
        return 0;
    }

    private static int Undo(RealServerOptions options)
    {
        bool isAnything = false;
        if (options.Method is "fullnat" || (options.Method.Length == 0 && options.Vips.Count == 0))
            isAnything |= HasClientAddresses(options) && new ClientAddressPrograms(Console.WriteLine).Undo(options.ControlGroup, options.IsDryRun);
        if (options.Method is not "fullnat")
        {
            isAnything |= Host.Undo(
                s => (options.Method.Length == 0 || s.Method == MethodOf(options)) && (options.Vips.Count == 0 || options.Vips.Contains(s.Vip)),
                options.IsDryRun);
        }

        if (!isAnything) Console.WriteLine("= nothing to undo");
        if (options.IsDryRun) Console.WriteLine("dry run: nothing was changed");
        return 0;
    }

    private static int Status(RealServerOptions options)
    {
        bool isComplete = true, isAnything = false, isSilent = true;
        var programs = new ClientAddressPrograms(Console.WriteLine);
        if (options.Method is "fullnat" || (options.Method.Length == 0 && options.Vips.Count == 0 && HasClientAddresses(options)))
        {
            isAnything = true;
            isComplete &= programs.IsComplete(options.ControlGroup, options.From);
        }

        if (options.Method is not "fullnat")
        {
            var host = new RealServerHost(line =>
            {
                isSilent = false;
                Console.WriteLine(line);
            });
            bool isHostComplete = host.IsComplete(options.Method.Length == 0 ? [] : Setups(options), options.From);
            if (options.Method.Length > 0 || !isAnything) isComplete &= isHostComplete;
        }

        if (!isAnything && isSilent)
            Console.WriteLine($"! nothing was set up on this host{(options.ControlGroup == "/" ? " (what was limited by --cgroup is found with the same --cgroup)" : "")}");
        if (!isComplete) Console.Error.WriteLine("netvs: this host is not prepared, or not completely: run 'netvs realserver setup'");
        return isComplete ? 0 : 1;
    }

    private static RealServerHost Host => new(Console.WriteLine);

    private static bool HasClientAddresses(RealServerOptions options) =>
        ClientAddressPrograms.IsAttached(options.ControlGroup);

    private static RealServerMethod MethodOf(RealServerOptions options) =>
        options.Method == "tun" ? RealServerMethod.Tunnel : RealServerMethod.DirectRouting;

    private static RealServerSetup[] Setups(RealServerOptions options) =>
        [.. options.Vips.Select(v => new RealServerSetup(MethodOf(options), v, options.Interfaces, options.GuePort ?? RealServerSetup.DefaultGuePort))];

    private static string Danger(string method) => method == "tun"
        ? "tunnel packets of any sender are unwrapped, so anyone who reaches this host can send to the VIP under a forged source"
        : "the TOA option of any sender is believed, so anyone who reaches this host directly can forge its client address";
}
