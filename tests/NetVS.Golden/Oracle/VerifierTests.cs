using System.Diagnostics;
using NetVS.Linux.Bpf;

namespace NetVS.Golden.Oracle;

/// <summary>The eBPF programs before the verifier of an older kernel: the one that IPVS is compared with. This machine's own has seen them in every other test.</summary>
/// <remarks>It has types of its own, and is asked besides about the program for kernels that have none. <c>NETVS_ORACLE_SOURCE</c> builds another one.</remarks>
public sealed class VerifierTests : IDisposable
{
    /// <summary>Loads an object's programs and prints their names. A kernel in user mode asks for aligned access to packets, which no x86-64 does.</summary>
    private const string Loader = """
        #include <bpf/libbpf.h>
        #include <linux/bpf.h>
        #include <stdio.h>

        int main(int argc, char **argv)
        {
            struct bpf_object *object = argc > 1 ? bpf_object__open_file(argv[1], 0) : 0;
            struct bpf_program *program;
            if (!object) return 1;
            bpf_object__for_each_program(program, object) bpf_program__set_flags(program, BPF_F_ANY_ALIGNMENT);
            if (bpf_object__load(object)) return 2;
            bpf_object__for_each_program(program, object) puts(bpf_program__name(program));
            return 0;
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-verifier-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("divert", "netvs_xdp netvs_ingress netvs_egress netvs_marked netvs_filter")]
    [InlineData("divert_static", "netvs_xdp netvs_ingress netvs_egress netvs_marked netvs_filter")]
    [InlineData("decap", "decap")]
    [InlineData("toa", "toa_established toa_peername4 toa_peername6")]
    [InlineData("check", "check_out check_in")]
    public void Programs_BeforeTheVerifierOfAnOlderKernel_AreAccepted(string name, string programs)
    {
        Assert.SkipUnless(OracleKernel.IsWanted, "./test --oracle runs this");
        string loader = Path.Combine(_folder, "load");
        File.WriteAllText(loader + ".c", Loader);
        using (Process compiler = Process.Start("cc", ["-o", loader, loader + ".c", "-lbpf"]))
        {
            compiler.WaitForExit();
            compiler.ExitCode.ShouldBe(0);
        }

        File.WriteAllBytes(Path.Combine(_folder, "object.o"), BpfObject.EmbeddedImage(name));
        Assert.SkipWhen(
            name == "divert_static" && OracleKernel.Run(_folder, "uname", "-r").StartsWith("5.15.", StringComparison.Ordinal),
            "without types it does not follow XDP to the end: docs/director.md");
        string said = OracleKernel.Run(_folder, "/bin/sh", "-ec", "uname -r; ./load object.o");
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        string.Join(' ', said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)).ShouldBe(programs);
    }
}
