using System.Diagnostics;
using NetVS.Testing.Namespaces;

namespace NetVS.Tests.Commands;

/// <summary>The daemon on kernels that lack what it needs: a seccomp filter answers as such a kernel would.</summary>
public sealed class OldKernelTests : IDisposable
{
    /// <summary>Runs a program with one system call refused: WHAT is the family of sockets that is missing, or 0 for eBPF.</summary>
    private const string Without = """
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <stdlib.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        int main(int argc, char **argv)
        {
            int family = argc > 2 ? atoi(argv[1]) : 0;
            struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, family ? SYS_socket : SYS_bpf, 0, 3),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
                BPF_JUMP(BPF_JMP | (family ? BPF_JEQ : BPF_JGE) | BPF_K, family, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (family ? EAFNOSUPPORT : ENOSYS)),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 125;
            execv(argv[2], argv + 2);
            return 126;
        }
        """;

    private const string NoXdp = "44";
    private const string NoPacket = "17";
    private const string NoBpf = "0";

    private readonly string _directory = Directory.CreateTempSubdirectory("netvs-test-").FullName;
    private readonly NetworkNamespace _director;

    public OldKernelTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "the daemon needs root");
        File.WriteAllText(Wrapper + ".c", Without);
        using Process compiler = Process.Start("cc", ["-o", Wrapper, Wrapper + ".c"]);
        compiler.WaitForExit();
        compiler.ExitCode.ShouldBe(0);
        _director = NetworkNamespace.Create("old");
        _director.Ip("link add v0 type veth peer name v1");
        _director.Ip("link set v0 up");
        _director.Ip("link set v1 up");
    }

    private string Wrapper => Path.Combine(_directory, "without");

    private string Socket => Path.Combine(_directory, "netvs.sock");

    public void Dispose()
    {
        _director?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private NetVSProgram Start(string missing, string link) =>
        NetVSProgram.Start(Socket, _director.Name, ["run", "-i", "v0", "--link", link], through: [Wrapper, missing]);

    [Theory]
    [InlineData(NoXdp, "af_xdp", "AF_XDP sockets: needs Linux 5.10 or later, built with it")]
    [InlineData(NoPacket, "af_packet", "AF_PACKET sockets (CONFIG_PACKET): needs Linux 4.20 or later, built with it")]
    [InlineData(NoBpf, "auto", "the kernel is built without CONFIG_BPF_SYSCALL")]
    [InlineData(NoBpf, "af_xdp", "the kernel is built without CONFIG_BPF_SYSCALL")]
    public async Task Run_WithoutWhatItNeeds_SaysWhatAndSinceWhenAndLeavesNothing(string missing, string link, string sentence)
    {
        string before = _director.ReadLinks();
        using NetVSProgram program = Start(missing, link);
        (await program.WaitAsync()).ShouldBe(1, program.Error);
        program.Output.ShouldBeEmpty();
        program.Error.ShouldMatch("(?m)^netvs: .*" + System.Text.RegularExpressions.Regex.Escape(sentence) + "$");
        _director.ReadLinks().ShouldBe(before);
        File.Exists(Socket).ShouldBeFalse();
    }

    [Fact]
    public async Task Run_WithoutAfXdp_TakesAfPacket()
    {
        using NetVSProgram program = Start(NoXdp, "auto");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (program.Output != "ready\n") await Task.Delay(20, patience.Token);
        program.Error.ShouldContain("v0: listening by af_packet");
        program.Signal(15);
        (await program.WaitAsync()).ShouldBe(0, program.Error);
    }
}
