using System.Diagnostics;
using NetVS.Help;

namespace NetVS.Tests.Commands;

/// <summary>Completion and manual pages, which are made of the texts of --help.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("server", "drain", "--deadline", "--watch", "--method", "-w", "--socket")]
    [InlineData("mark", "clear", "--at", "--json")]
    [InlineData("bench", "requests", "--svg")]
    [InlineData("ipvsadm", "-A", "--add-service", "--sctp-service", "-6", "--tun-remcsum", "--mcast-ttl", "--exact")]
    [InlineData("lab", "fullnat", "clean", "--churn")]
    [InlineData("realserver", "undo", "--vip", "-n")]
    public void UsageText_NamesWordsAndOptions(string command, params string[] expected)
    {
        var usage = new UsageText(command, CommandTable.Commands[command].Usage);
        foreach (string word in expected) usage.Words.Concat(usage.Options).ShouldContain(word);
    }

    [Fact]
    public void UsageText_NamesValues_AndNoProse()
    {
        new UsageText("server", CommandTable.Commands["server"].Usage).Choices["--persistence"].ShouldBe(["keep", "release"]);
        new UsageText("realserver", CommandTable.Commands["realserver"].Usage).Choices["-m"].ShouldBe(["dr", "tun", "fullnat"]);
        new UsageText("replay", CommandTable.Commands["replay"].Usage).Options.ShouldNotContain("-batch");
        foreach ((string name, Command command) in CommandTable.Commands)
            new UsageText(name, command.Usage).Options.Concat(new UsageText(name, command.Usage).Words).ShouldNotBeEmpty(name);
    }

    [Theory]
    [InlineData("drain", "netvs server dr")]
    [InlineData("server,service,set", "netvs se")]
    [InlineData("keep,release", "netvs server drain 10.0.0.1 --persistence ")]
    [InlineData("--tun-port", "ipvsadm -a --tun-p")]
    [InlineData("--tun-port", "netvs ipvsadm -a --tun-p")]
    [InlineData("mh", "netvs service add x --scheduler m")]
    public async Task Bash_CompletesAsPromised(string expected, string line)
    {
        string[] words = line.Split(' ');
        string typed = string.Join(' ', words.Select(w => $"'{w}'"));
        string found = await Bash($"COMP_WORDS=({typed}); COMP_CWORD={words.Length - 1}; _netvs {words[0]}; printf '%s\\n' \"${{COMPREPLY[@]}}\"");
        found.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ShouldBe(expected.Split(','));
    }

    [Fact]
    public void Zsh_NamesEveryCommand()
    {
        string script = CompletionScript.Zsh();
        script.ShouldStartWith("#compdef netvs ipvsadm\n");
        foreach (string name in CommandTable.Commands.Keys) script.ShouldContain($"\t\t({name}) compadd -- ");
    }

    [Fact]
    public void ManualPages_HoldEveryCommandAndOption()
    {
        string netvs = ManualPage.Netvs(), ipvsadm = ManualPage.Ipvsadm();
        foreach ((string name, Command command) in CommandTable.Commands)
        {
            string page = name == "ipvsadm" ? ipvsadm : netvs;
            if (name != "ipvsadm") page.ShouldContain($"\n.Ss netvs {name}\n");
            foreach (string option in new UsageText(name, command.Usage).Options) page.ShouldContain(ManualPage.Escape(option));
        }

        foreach (string place in (string[])["@COMMANDS@", "@USAGE@"]) (netvs + ipvsadm).ShouldNotContain(place);
    }

    [Fact]
    public void Escape_LeavesNothingToRoff() =>
        ManualPage.Escape(".Sh a\\b\n'x\n  -c").ShouldBe("\\&.Sh a\\eb\n\\&'x\n  \\-c");

    private static async Task<string> Bash(string commands)
    {
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", CompletionScript.Bash() + commands]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        (await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
