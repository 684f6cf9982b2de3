using System.Diagnostics;
using NetVS.Packets.Capture;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Tests.Commands;

/// <summary><c>netvs replay</c> as a process: arguments, exit statuses, streams.</summary>
public sealed class ReplayCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nvs-replay-").FullName;

    public ReplayCommandTests()
    {
        File.WriteAllText(In("rules"), "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 192.168.1.10:8080 -m\n");
        File.WriteAllText(In("bad.rules"), "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.2:80 -r 192.168.1.10:8080 -m\nfrob\n");
        File.WriteAllText(In("network"), "link set dev f0 address 02:00:00:00:00:02 up\naddr add 10.0.0.1/8 dev f0\nroute add default dev f0\n");
        File.WriteAllText(In("bad.network"), "link set dev f0 up\nfrob\naddr add 10.0.0.1 dev g0\n");
        using FileStream stream = File.Create(In("in.pcap"));
        var writer = new PcapWriter(stream);
        writer.AddInterface("");
        writer.Write(0, 1_795_201_200_000_000_000, PacketBuilder.Tcp("203.0.113.7:40000", "10.0.0.1:80", TcpFlags.Syn).Build());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Replay_Capture_WritesOutputAndSummary()
    {
        (int status, string output, string errors) = Run("replay", In("in.pcap"), "--rules", In("rules"), "-o", In("out.pcapng"));

        errors.ShouldBeEmpty();
        status.ShouldBe(0);
        output.ShouldStartWith("1 packets in 0.000000 s, 2026-11-20 19:00:00.000000");
        output.ShouldContain("assumed: interface eth0, MAC 02:00:00:00:00:02");
        using FileStream written = File.OpenRead(In("out.pcapng"));
        ICaptureReader reader = CaptureReader.Open(written);
        reader.TryReadNext(out CapturedPacket packet).ShouldBeTrue();
        reader.Interfaces[0].Name.ShouldBe("eth0");
        packet.Timestamp.ShouldBe(1_795_201_200_000_000_000);
        PacketChecker.Verify(packet.Data.Span);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replay_StandardInputAndOutput_Work(bool hasNetwork)
    {
        string[] network = hasNetwork ? ["--network", In("network"), "-i", "f0=-"] : ["-"];
        using Process process = Begin(["replay", "--rules", In("rules"), "-o", "-", "--json", .. network]);
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        Task<string> reading = process.StandardError.ReadToEndAsync(cancelled);
        await process.StandardInput.BaseStream.WriteAsync(await File.ReadAllBytesAsync(In("in.pcap"), cancelled), cancelled);
        process.StandardInput.Close();
        var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output, cancelled);
        string errors = await reading;
        await process.WaitForExitAsync(cancelled);

        errors.ShouldContain("\"forwarded\": " + (hasNetwork ? 0 : 1));
        process.ExitCode.ShouldBe(0);
        output.Position = 0;
        CaptureReader.Open(output).TryReadNext(out _).ShouldBe(!hasNetwork, "with the network file the server's MAC is not known");
        if (hasNetwork) errors.ShouldContain("netvs: warning: 1 packets were not sent, for the MAC of 192.168.1.10 on f0 is not known");
    }

    [Fact]
    public void Replay_WrongArguments_AreUsageErrors()
    {
        Usage([]).ShouldContain("no capture given");
        Usage("x.pcap").ShouldContain("no rules given");
        Usage("x.pcap", "--frob").ShouldContain("unknown argument '--frob'");
        Usage("x.pcap", "--rules").ShouldContain("--rules needs a value");
        Usage("x.pcap", "y.pcap", "--rules", "r").ShouldContain("say which interface each is of");
        Usage("-i", "a=x", "-i", "b=y", "--rules", "r").ShouldContain("--network FILE");
        Usage("-i", "x.pcap", "--rules", "r").ShouldContain("-i NAME=FILE");
        Usage("x.pcap", "--rules", "r", "--seed", "x").ShouldContain("whole number");
        Usage("x.pcap", "--rules", "r", "--set", "x").ShouldContain("--set KEY=VALUE");

        string Usage(params string[] arguments)
        {
            (int status, string output, string errors) = Run(["replay", .. arguments]);
            status.ShouldBe(2);
            output.ShouldBeEmpty();
            errors.ShouldStartWith("netvs: ");
            errors.Trim().Split('\n').Length.ShouldBe(1);
            return errors;
        }
    }

    [Fact]
    public void Replay_WhatFails_SaysWhyAndLeavesTheOutputAlone()
    {
        File.WriteAllText(In("precious"), "kept");
        Failure(In("missing.pcap"), "--rules", In("rules")).ShouldContain("missing.pcap");
        Failure(In("in.pcap"), "--rules", In("missing")).ShouldContain("missing");
        Failure(In("rules"), "--rules", In("rules")).ShouldContain("neither pcap nor pcapng");
        Failure(In("in.pcap"), "--rules", In("bad.rules")).ShouldBe(
            $"netvs: {In("bad.rules")}:2:1: service TCP 10.0.0.2:80 is not defined: its -A line must come first\nnetvs: {In("bad.rules")}:3:1: 'frob' is no command: a line begins with -A, -a, -P or mark\n",
            StringCompareShould.IgnoreLineEndings);
        Failure(In("in.pcap"), "--rules", In("rules"), "--network", In("bad.network")).Trim().Split('\n').Length.ShouldBe(2);
        Failure(In("in.pcap"), "--rules", In("rules"), "-o", In("in.pcap")).ShouldContain("is both capture and output");
        Failure("-i", "g9=" + In("in.pcap"), "--rules", In("rules"), "--network", In("network")).ShouldContain("no interface 'g9'");
        Failure(In("in.pcap"), "--rules", In("rules"), "--set", "nosuch=1").ShouldContain("nosuch");
        File.ReadAllText(In("precious")).ShouldBe("kept");
        new FileInfo(In("in.pcap")).Length.ShouldBeGreaterThan(0);

        string Failure(params string[] arguments)
        {
            string[] output = arguments.Contains("-o") ? [] : ["-o", In("precious")];
            (int status, _, string errors) = Run(["replay", .. arguments, .. output]);
            status.ShouldBe(1, errors);
            errors.ShouldStartWith("netvs: ");
            return errors;
        }
    }

    [Fact]
    public void Replay_CutCapture_ReplaysTheRestAndFails()
    {
        byte[] octets = File.ReadAllBytes(In("in.pcap"));
        File.WriteAllBytes(In("cut.pcap"), [.. octets, .. octets.AsSpan(24, 30)]);

        (int status, string output, string errors) = Run("replay", In("cut.pcap"), "--rules", In("rules"));

        status.ShouldBe(1);
        output.ShouldContain("1  forwarded");
        errors.ShouldContain("the file ends here");
    }

    private static (int Status, string Output, string Errors) Run(params string[] arguments)
    {
        using Process process = Begin(arguments);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    private static Process Begin(string[] arguments) => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "netvs.dll"), .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private string In(string name) => Path.Combine(_folder, name);
}
