using NetVS.Help;

namespace NetVS.Commands;

/// <summary><c>netvs man</c>.</summary>
internal static class ManCommand
{
    private const string Usage =
        "usage: netvs man netvs|ipvsadm\n\n" +
        "Prints a manual page as its source. To read it, and to install it:\n" +
        "  netvs man netvs | man -l -\n" +
        "  netvs man netvs > /usr/share/man/man1/netvs.1\n" +
        "  netvs man ipvsadm > /usr/share/man/man8/ipvsadm.8";

    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("the manual pages netvs(1) and ipvsadm(8)", Usage, arguments => Task.FromResult(PrintingCommand.Run(
        arguments, Usage, new() { ["netvs"] = ManualPage.Netvs, ["ipvsadm"] = ManualPage.Ipvsadm })));
}
