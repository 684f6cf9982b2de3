using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Tests.Language;

/// <summary>Includes (reference §2.1).</summary>
public sealed class IncludeTests
{
    private static KeepalivedReading Read(string root, params (string Path, string Text)[] others) => Reading.Of(new MemoryFiles([("t.conf", root), .. others]));

    private static string Group(string name) => $"virtual_server_group {name} {{\n10.0.0.1 80\n}}\n";

    private static string[] Groups(KeepalivedReading reading) => [.. reading.Configuration.VirtualServerGroups.Select(g => g.Name)];

    [Fact]
    public void Include_OfAPattern_ReadsInSortedOrder_AndNamesItsFiles()
    {
        KeepalivedReading reading = Read("include conf.d/*.conf\n" + Group("last"),
            ("conf.d/b.conf", Group("b")), ("conf.d/a.conf", Group("a") + "nosuch\n"), ("conf.d/c.txt", Group("c")), ("conf.d/.h.conf", Group("h")));
        Groups(reading).ShouldBe(["a", "b", "last"]);
        reading.Problems.Single().Position.ShouldBe(new SourcePosition("conf.d/a.conf", 4, 1));
    }

    [Fact]
    public void Include_IsRelativeToItsFile_AndNests()
    {
        KeepalivedReading reading = Read("include d/one.conf\n", ("d/one.conf", "include e/two.conf\n" + Group("one")), ("d/e/two.conf", Group("two")));
        Groups(reading).ShouldBe(["two", "one"]);
        reading.Lines().ShouldBeEmpty();
    }

    [Fact]
    public void Include_InsideABlock_ContinuesIt() =>
        Read("global_defs {\ninclude in.conf\nvrrp_version 3\n}\n", ("in.conf", "router_id x")).Configuration.Global.ShouldSatisfyAllConditions(
            g => g.RouterId.ShouldBe("x"), g => g.Vrrp.Version.ShouldBe(3));

    [Theory]
    [InlineData("include {a,b}.conf", 2)]
    [InlineData("include {a,x}.conf", 1)]
    [InlineData("include [ab].conf", 2)]
    [InlineData("include ?.conf", 3)]
    [InlineData("include [^a].conf", 2)]
    [InlineData("include \"a.conf\"", 1)]
    [InlineData("include {{a,c},b}.conf", 3)]
    [InlineData("include /etc/x/*.conf", 1)]
    [InlineData("include /e*/?/z.conf", 1)]
    public void Patterns_FindFiles(string line, int count) =>
        Groups(Read(line, ("a.conf", Group("a")), ("b.conf", Group("b")), ("c.conf", Group("c")), ("/etc/x/z.conf", Group("z")))).Length.ShouldBe(count);

    [Theory]
    [InlineData("include no.conf", 0)]
    [InlineData("includer no.conf", 0)]
    [InlineData("includem no.conf", 6)]
    [InlineData("includem no*", 6)]
    [InlineData("includew {a,no*}.conf", 6)]
    [InlineData("includeb {a,no}.conf", 6)]
    [InlineData("includew {a,no}.conf", 0)]
    [InlineData("includea no.conf", 6)]
    public void MissingFile_CountsAsTheDirectiveSays(string line, int status)
    {
        KeepalivedReading reading = Read(line + "\n" + Group("g"), ("a.conf", Group("a")));
        reading.ExitStatus.ShouldBe(status);
        Groups(reading).ShouldContain("g");
        if (!line.Contains("{a", StringComparison.Ordinal)) reading.Problems[0].Message.ShouldStartWith("Config files missing 'no");
    }

    [Fact]
    public void IncludeCheck_ChangesWhatPlainIncludesInsistOn()
    {
        Read("global_defs {\n include_check match\n}\ninclude no.conf\n").ExitStatus.ShouldBe(6);
        Read("global_defs {\n include_check\n include_check -match wildcard_match brace_match\n}\ninclude no.conf\n").ExitStatus.ShouldBe(0);
        Read("include in.conf\ninclude no.conf\n", ("in.conf", "global_defs {\n include_check match\n}\n")).ExitStatus.ShouldBe(0, "it ends with its file");
    }

    [Fact]
    public void Loops_AreReported()
    {
        Read("include t.conf\nnosuch\n").Lines().ShouldBe(["1:9 't.conf' includes itself: it is left out here", "2:1 Unknown keyword 'nosuch'"]);
        KeepalivedReading reading = Read("include a.conf\n", ("a.conf", "include b.conf\n"), ("b.conf", "include a.conf\n"));
        reading.Problems.Single().ToString().ShouldBe("b.conf:1:9: error: 'a.conf' includes itself: it is left out here");
    }

    [Fact]
    public void EndlessDepth_IsReported()
    {
        var files = new MemoryFiles();
        for (int i = 0; i < 100; i++) files.Add(i == 0 ? "t.conf" : $"{i}.conf", $"include {i + 1}.conf\n");
        Reading.Of(files).Problems.Single().Message.ShouldStartWith("files include each other more than 32 deep");
    }

    [Theory]
    [InlineData(FileStatus.NotRegular, "Configuration file 'x.conf' is not a regular non-executable file - skipping")]
    [InlineData(FileStatus.Unreadable, "Configuration file 'x.conf' open problem (no rights) - skipping")]
    [InlineData(FileStatus.TooLarge, "Configuration file 'x.conf' is larger than 64 MiB - skipping")]
    [InlineData(FileStatus.IsDirectory, "Configuration file 'x.conf' is a directory - skipping")]
    public void UnusableFiles_AreSkipped(FileStatus status, string message)
    {
        foreach (string directive in new[] { "include", "includer" })
        {
            var files = new MemoryFiles(("t.conf", $"{directive} x.conf\n{Group("g")}"));
            files.Add("x.conf", new FileReading(status, Detail: "no rights"));
            KeepalivedReading reading = Reading.Of(files);
            reading.Problems.Single().Message.ShouldBe(message);
            reading.ExitStatus.ShouldBe(directive == "includer" ? 6 : 0);
            Groups(reading).ShouldBe(["g"]);
        }
    }

    [Fact]
    public void MissingRoot_IsAProblemWithoutAClass()
    {
        KeepalivedReading reading = KeepalivedReader.Read("/no/such", new MemoryFiles(), Reading.Eth, new ReaderOptions());
        reading.IsUnread.ShouldBeTrue();
        reading.ExitStatus.ShouldBe(0);
        DiagnosticText.Format(reading.Problems.Single()).ShouldBe("/no/such: error: Configuration file '/no/such' does not exist\n    advice: check the name and the rights");
        KeepalivedReader.Read("/no/*", new MemoryFiles(), Reading.Eth, new ReaderOptions()).Problems.Single().Message.ShouldBe("no such file");
    }
}
