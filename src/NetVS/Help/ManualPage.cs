using System.Text;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Help;

/// <summary>The manual pages: what is written by hand (mdoc, beside this file), with the texts of <c>--help</c> in their place.</summary>
internal static class ManualPage
{
    /// <summary>The source of netvs(1).</summary>
    public static string Netvs()
    {
        var commands = new StringBuilder();
        foreach ((string name, Command command) in CommandTable.Commands)
        {
            if (name == "ipvsadm") continue;
            commands.Append($".Ss netvs {name}\n.Bd -literal\n{Escape(command.Usage)}\n.Ed\n");
        }

        return Read("netvs.1").Replace("@COMMANDS@\n", commands.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The source of ipvsadm(8).</summary>
    public static string Ipvsadm() =>
        Read("ipvsadm.8").Replace("@USAGE@\n", $".Bd -literal\n{Escape(IpvsadmHelp.Text.TrimEnd())}\n.Ed\n", StringComparison.Ordinal);

    /// <summary>Text as roff takes it literally: backslashes and hyphens escaped, no line that begins with a control character.</summary>
    internal static string Escape(string text) => string.Join('\n', text.Split('\n').Select(line =>
    {
        string escaped = line.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }));

    private static string Read(string name)
    {
        using Stream stream = typeof(ManualPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the program was built without {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
