using System.Diagnostics;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>A real FTP server behind NAT and a real client in front of it: every mode, both families, data in the fast path.</summary>
public sealed class FtpTests : IDisposable
{
    private const int Octets = 3_000_000;
    private readonly LabNetwork _lab = new();
    private readonly DirectorProcess _director;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("netvs-ftp-");
    private readonly List<Process> _servers = [];

    public FtpTests() => _director = new DirectorProcess(_lab.Director);

    public void Dispose()
    {
        foreach (Process server in _servers)
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
        }

        _director.Dispose();
        _lab.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("tc", 1)]
    [InlineData("xdp", 2)]
    public void Downloads_InEveryMode_BothFamilies_Arrive(string hook, int workers)
    {
        byte[] content = new byte[Octets];
        new Random(1).NextBytes(content);
        for (int i = 0; i < 2; i++) Serve(i, content);
        if (hook == "xdp") _lab.TakeRedirectedFrames();
        else _lab.TurnSegmentationOffloadOff();
        _director.Start("-i", "f0,b0", "--hook", hook, "--workers", $"{workers}");
        foreach ((string vip, string network) in new[] { (LabNetwork.Vip, "192.168.1."), ($"[{LabNetwork.VipV6}]", "[fd00::") })
        {
            _director.Ipvsadm($"-A -t {vip}:21 -s rr");
            for (int i = 10; i < 12; i++) _director.Ipvsadm($"-a -t {vip}:21 -r {network}{i}{(network[0] == '[' ? "]" : "")}:21 -m");
        }

        string[] modes = ["--no-ftp-skip-pasv-ip --disable-epsv", "--disable-eprt --ftp-port -", "--ftp-port -", "--ftp-pasv"];
        foreach (string mode in modes) Download(content, mode, LabNetwork.Vip);
        foreach (string mode in modes[2..]) Download(content, mode, $"[{LabNetwork.VipV6}]");

        // Six control connections and six data connections, three of either on each server; nothing is expected any more.
        string listing = _director.Ipvsadm("-Lcn");
        listing.Split('\n').Count(l => l.StartsWith("TCP", StringComparison.Ordinal)).ShouldBe(12, listing);
        listing.ShouldNotContain("LISTEN");
        _director.Netvs("proc", "ip_vs_app").ShouldBe("prot port    usecnt name\nTCP  21      6      ftp              \n");
        _director.Forwarded().ShouldBeGreaterThan(6 * Octets / 1500, "data connections are in the fast path");
    }

    private void Download(byte[] content, string mode, string vip)
    {
        string file = Path.Combine(_folder.FullName, "got");
        try
        {
            _lab.Client.Execute("curl", $"-sS -g --max-time 20 {mode} ftp://{vip}/file -o {file}");
        }
        catch (InvalidOperationException failed)
        {
            throw new InvalidOperationException($"{mode} {vip}: {failed.Message}\n{_director.Ipvsadm("-Lcn")}\n{_director.Netvs("status")}", failed);
        }

        File.ReadAllBytes(file).AsSpan().SequenceEqual(content).ShouldBeTrue($"{mode} {vip}: the file is the server's");
        File.Delete(file);
    }

    private void Serve(int number, byte[] content)
    {
        DirectoryInfo root = _folder.CreateSubdirectory($"root{number}"), empty = _folder.CreateSubdirectory($"empty{number}");
        string file = Path.Combine(root.FullName, "file");
        File.WriteAllBytes(file, content);

        // vsftpd reads as another user, and refuses a root that it could write.
        NetworkNamespace.Execute("chmod", "555", _folder.FullName, root.FullName, empty.FullName);
        NetworkNamespace.Execute("chmod", "444", file);
        string configuration = Path.Combine(_folder.FullName, $"vsftpd{number}.conf");
        File.WriteAllText(configuration, $"""
            listen=NO
            listen_ipv6=YES
            background=NO
            anonymous_enable=YES
            local_enable=NO
            no_anon_password=YES
            anon_root={root.FullName}
            secure_chroot_dir={empty.FullName}
            connect_from_port_20=YES
            seccomp_sandbox=NO
            xferlog_enable=NO

            """);
        _servers.Add(_lab.Servers[number].Begin("vsftpd", configuration));
        Patience.WaitFor(() => _lab.Servers[number].Execute("ss", "-Hltn sport = :21").Length > 0, "vsftpd listens");
    }
}
