using NetVS.Linux.Bpf;

namespace NetVS.Golden.Oracle;

/// <summary>The eBPF programs before the verifier of an older kernel: the one that IPVS is compared with. This machine's own has seen them in every other test.</summary>
public sealed class VerifierTests
{
    [Theory]
    [InlineData("divert", "netvs_egress netvs_filter netvs_ingress netvs_marked netvs_xdp")]
    [InlineData("decap", "decap")]
    [InlineData("toa", "toa_established toa_peername4 toa_peername6")]
    public void Programs_BeforeTheVerifierOfAnOlderKernel_AreAccepted(string name, string programs)
    {
        Assert.SkipUnless(OracleKernel.IsWanted, "./test --oracle runs this");
        string folder = Directory.CreateTempSubdirectory("netvs-verifier-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "object.o"), BpfObject.EmbeddedImage(name));
            string said = OracleKernel.Run(
                folder, "/bin/sh", "-ec", "uname -r; mount -t bpf bpf /sys/fs/bpf; bpftool prog loadall object.o /sys/fs/bpf/netvs; ls /sys/fs/bpf/netvs");
            TestContext.Current.TestOutputHelper?.WriteLine(said);
            string.Join(' ', said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)).ShouldBe(programs);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
