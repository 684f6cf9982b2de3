using System.Text.RegularExpressions;
using NetVS.Testing.Namespaces;

namespace NetVS.EndToEnd;

/// <summary>The lab's network with a second director beside the first: what the first one forwards, the second one can go on with.</summary>
internal sealed partial class TwoDirectors : IDisposable
{
    /// <summary>The web service.</summary>
    public const string Web = LabNetwork.Vip + ":80";

    /// <summary>FULLNAT's local address; the directors' own ones between each other are .1 and .3.</summary>
    public const string Local = "192.168.1.2";

    public TwoDirectors()
    {
        NetworkNamespace.Connect(Lab.Client, "c2", SecondHost, "f0");
        SecondHost.Ip("addr add 203.0.113.2/24 dev f0");
        NetworkNamespace.Connect(Lab.Switch, "d2", SecondHost, "b0");
        Lab.Switch.Ip("link set d2 master br0");
        SecondHost.Ip("addr add 192.168.1.3/24 dev b0");
        SecondHost.SetSysctl("net.ipv4.ip_forward", "1");
        First = new DirectorProcess(Lab.Director);
        Second = new DirectorProcess(SecondHost);
    }

    public LabNetwork Lab { get; } = new();

    public NetworkNamespace SecondHost { get; } = NetworkNamespace.Create("dir2");

    public DirectorProcess First { get; }

    public DirectorProcess Second { get; }

    public DirectorProcess[] Both => [First, Second];

    /// <summary>How many connections a director lists as established.</summary>
    public static int EstablishedIn(DirectorProcess director) => Established().Count(director.Ipvsadm("-Lcn"));

    /// <summary>Starts the real servers, the port by the method.</summary>
    public int Serve(string method)
    {
        int port = method == "-g" ? 80 : 8080;
        for (int i = 0; i < 2; i++) Lab.Serve(Lab.Servers[i], $"rs{i}", port);
        return port;
    }

    /// <summary>Gives a running director the web service.</summary>
    public static void AddRules(DirectorProcess director, string method, int port)
    {
        director.Ipvsadm($"-A -t {Web} -s rr");
        if (method == "-b") director.Ipvsadm($"-P -t {Web} -z {Local}");
        for (int i = 0; i < 2; i++) director.Ipvsadm($"-a -t {Web} -r 192.168.1.1{i}:{port} {method}");
    }

    /// <summary>The first director's wires are cut, and its addresses are the second's.</summary>
    public void MoveTheAddresses()
    {
        Lab.Director.Ip("link set f0 down");
        Lab.Director.Ip("link set b0 down");
        SecondHost.Ip($"addr add {LabNetwork.Vip}/32 dev f0");
        SecondHost.Ip($"addr add {Local}/24 dev b0");
        Lab.Client.Ip($"route add {LabNetwork.Vip}/32 dev c2 src 203.0.113.7");
        foreach (NetworkNamespace server in Lab.Servers)
        {
            if (server.Ip("route show default").Contains("192.168.1.1 ")) server.Ip("route replace default via 192.168.1.3");

            // As the gratuitous ARP of a virtual router does.
            server.Ip($"neigh flush to {Local} dev e0");
        }
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
        SecondHost.Dispose();
        Lab.Dispose();
    }

    [GeneratedRegex("ESTABLISHED")]
    private static partial Regex Established();
}
