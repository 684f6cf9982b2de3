using System.Text.Json;
using NetVS.Testing.Namespaces;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>A configuration with nothing but a vrrp_instance runs, shows itself, reloads and leaves nothing behind.</summary>
public sealed class VrrpTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"netvs-{Guid.NewGuid():N}.conf");
    private readonly NetworkNamespace _host;
    private readonly NetworkNamespace _peer;
    private readonly DirectorProcess _director;

    public VrrpTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes network namespaces");
        _host = NetworkNamespace.Create("vrrp");
        _peer = NetworkNamespace.Create("peer");
        NetworkNamespace.Connect(_host, "e0", _peer, "e1");
        _host.Ip("addr add 192.0.2.1/24 dev e0");
        _director = new DirectorProcess(_host);
    }

    public void Dispose()
    {
        _director.Dispose();
        _host.Dispose();
        _peer.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public void Daemon_WithOnlyAnInstance_IsMasterReloadsAndResigns()
    {
        Write("192.0.2.100/24");
        _director.Start("-f", _file);
        Patience.WaitFor(() => _host.Ip("addr show dev e0").Contains("192.0.2.100/24", StringComparison.Ordinal), "it is master");
        _director.Netvs("status").ShouldContain("VI: MASTER");
        JsonElement part = _director.Status().GetProperty("parts").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "vrrp");
        part.GetProperty("lines")[0].GetString()!.ShouldContain("vrid 51 on e0, VRRPv3 IPv4 multicast to 224.0.0.18");

        Write("192.0.2.101/24");
        _director.Netvs("reload");
        _host.Ip("addr show dev e0").ShouldContain("192.0.2.101/24");
        _host.Ip("addr show dev e0").ShouldNotContain("192.0.2.100/24");
        _director.Netvs("status").ShouldContain("became master 1, released 0");

        _director.Stop();
        _host.Ip("addr show dev e0").ShouldNotContain("192.0.2.101");
    }

    private void Write(string address) => File.WriteAllText(_file,
        $"vrrp_instance VI {{\n interface e0\n virtual_router_id 51\n version 3\n advert_int 0.1\n virtual_ipaddress {{\n  {address}\n }}\n}}\n");
}
