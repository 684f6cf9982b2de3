namespace NetVS.Tests.Commands;

/// <summary>What a user gets to read, and the exit status, when there is no daemon or the words are wrong.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("netvs-test-").FullName;

    private string Socket => Path.Combine(_directory, "netvs.sock");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<(int Status, string Output, string Error)> Run(params string[] arguments) => NetVSProgram.RunAsync(Socket, arguments);

    [Theory]
    [InlineData("", 2, "netvs: no command given: try 'netvs --help'")]
    [InlineData("frobnicate", 2, "netvs: unknown command 'frobnicate': try 'netvs --help'")]
    [InlineData("--frobnicate", 2, "netvs: unknown option '--frobnicate': try 'netvs --help'")]
    [InlineData("status --frobnicate", 2, "netvs: unknown option '--frobnicate': try --help")]
    [InlineData("status extra", 2, "netvs: unexpected 'extra': try --help")]
    [InlineData("status --socket", 2, "netvs: --socket needs a value: try --help")]
    [InlineData("status --json=5", 2, "netvs: --json takes no value")]
    [InlineData("status", 1, "cannot be reached: No such file or directory: start it with 'netvs run'")]
    [InlineData("set x", 2, "netvs: something is missing: try --help")]
    [InlineData("get x", 1, "cannot be reached")]
    [InlineData("reload", 1, "cannot be reached")]
    [InlineData("plan", 2, "netvs: which file? give it with -f FILE")]
    [InlineData("plan -f /nonexistent/file", 1, "netvs: the rules file cannot be read")]
    [InlineData("stop", 1, "cannot be reached")]
    [InlineData("stop --keep-forwarding", 1, "cannot be reached")]
    [InlineData("check", 2, "netvs: which file? give a keepalived.conf with -f FILE, or a rules file with --rules FILE")]
    [InlineData("check -f a --rules b", 2, "netvs: which file? give a keepalived.conf with -f FILE")]
    [InlineData("check -f a --format yaml", 2, "netvs: there is no format 'yaml': text or json")]
    [InlineData("check --rules a --offline", 2, "netvs: --format, --offline and --config-id belong to -f FILE")]
    [InlineData("check --rules /nonexistent/file", 1, "netvs: the rules file cannot be read")]
    [InlineData("run --frobnicate", 2, "netvs: unknown option '--frobnicate': try --help")]
    [InlineData("run eth0", 2, "netvs: unexpected 'eth0': try --help")]
    [InlineData("run -i ,", 2, "netvs: --interface needs a name")]
    [InlineData("run -i eth0/1", 2, "netvs: 'eth0/1' cannot be the name of an interface")]
    [InlineData("run -i sixteen-characters", 2, "netvs: 'sixteen-characters' cannot be the name of an interface")]
    [InlineData("run -i a -i b", 2, "netvs: --interface is given twice")]
    [InlineData("run --link pigeon", 2, "netvs: there is no link 'pigeon': auto, af_xdp or af_packet")]
    [InlineData("run --hook pigeon", 2, "netvs: there is no hook 'pigeon': auto, xdp, xdp-generic, tc or none")]
    [InlineData("run --workers 0", 2, "netvs: --workers needs a number from 1 to 256")]
    [InlineData("run --max-connections x", 2, "netvs: --max-connections needs a number")]
    [InlineData("run -f keepalived.conf --rules rules", 2, "netvs: rules come from one file")]
    [InlineData("run --rules /nonexistent/file", 1, "netvs: the rules file cannot be read")]
    public async Task WrongWords_AreExplained(string line, int status, string error)
    {
        (int actual, string output, string text) = await Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        actual.ShouldBe(status, text);
        output.ShouldBeEmpty();
        text.ShouldContain(error);
        text.ShouldStartWith("netvs: ");
    }

    [Theory]
    [InlineData("--help", "usage: netvs COMMAND")]
    [InlineData("--version", "netvs ")]
    [InlineData("run --help", "usage: netvs run")]
    [InlineData("status --help", "usage: netvs status")]
    [InlineData("get --help", "usage: netvs get")]
    [InlineData("set --help", "usage: netvs set")]
    [InlineData("plan --help", "usage: netvs plan")]
    [InlineData("reload --help", "usage: netvs reload")]
    [InlineData("stop --help", "usage: netvs stop")]
    [InlineData("check --help", "usage: netvs check")]
    [InlineData("ipvsadm --help", "ipvsadm v1.31 2019/12/24")]
    public async Task Help_IsPrintedWithoutADaemon(string line, string begin)
    {
        (int status, string output, string error) = await Run(line.Split(' '));
        status.ShouldBe(0, error);
        output.ShouldStartWith(begin);
        error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Ipvsadm_WithoutDaemon_CannotInitialize()
    {
        (int status, string output, string error) = await Run("ipvsadm", "-Ln");
        status.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldStartWith("Can't initialize ipvs: No such file or directory\n");
        error.ShouldContain("netvs run");
    }

    [Fact]
    public async Task Program_UnderTheNameIpvsadm_IsIpvsadm()
    {
        string link = Path.Combine(_directory, "ipvsadm");
        File.CreateSymbolicLink(link, NetVSProgram.FilePath);
        using NetVSProgram program = NetVSProgram.Start(Socket, null, ["-Ln"], file: link);
        (await program.WaitAsync()).ShouldBe(2, program.Output + program.Error);
        program.Error.ShouldStartWith("Can't initialize ipvs: ");
    }

    [Fact]
    public async Task Check_OfAGoodFile_IsSilent()
    {
        string file = Path.Combine(_directory, "good");
        File.WriteAllText(file, "# web\n-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m\n");
        (await Run("check", "--rules", file)).ShouldBe((0, "", ""));
    }

    [Fact]
    public async Task CheckAndRun_OfABadFile_PrintEveryProblemWithItsPlace()
    {
        string file = Path.Combine(_directory, "bad");
        File.WriteAllText(file, "-A -t 192.0.2.1:80 -s nosuch\n-A -t 192.0.2.2:80 -w 3\n-A -t 192.0.2.7:80 --pe sip\n-a -t 192.0.2.9:80 -r 10.0.0.1 -m\n");
        (int status, _, string error) = await Run("check", "--rules", file);
        status.ShouldBe(1);
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(4);
        lines[0].ShouldStartWith($"{file}:1:1: ");
        lines[1].ShouldBe($"{file}:2:20: Illegal 'weight' option with the 'add-service' command");
        lines[2].ShouldStartWith($"{file}:3:1: ");
        lines[3].ShouldBe($"{file}:4:1: service TCP 192.0.2.9:80 is not defined: its -A line must come first");
        (status, string output, error) = await Run("run", "--rules", file);
        status.ShouldBe(1);
        output.ShouldBeEmpty();
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe([.. lines, "netvs: the rules file has problems: nothing was started"]);
    }

    [Fact]
    public async Task Run_WithoutCapabilities_SaysWhichAreMissing()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "dropping capabilities needs root");
        using NetVSProgram program = NetVSProgram.Start(
            Socket, null, ["run"], through: ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]);
        (await program.WaitAsync()).ShouldBe(1, program.Error);
        program.Error.ShouldBe("netvs: the director needs CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF, CAP_PERFMON: run it as root (sudo)\n");
    }
}
