using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetVS.Linux.Bpf;
using NetVS.Linux.Host;

namespace NetVS.RealServer.Tests;

/// <summary>TOA: handshakes by hand that carry the option, and what accept() and getpeername() then say.</summary>
/// <remarks>The programs sit on a control group of the test's own, which the process joins while it makes its listeners.</remarks>
public sealed class ClientAddressTests : IDisposable
{
    private const string Local = "198.51.100.1", Rip = "192.0.2.9", Local6 = "2001:db8:f::1", Rip6 = "2001:db8:1::9";
    private static readonly byte[] s_option = [254, 8, 0x9C, 0x40, 0xC6, 0x33, 0x64, 0x07];
    private static readonly byte[] s_address6 = IPAddress.Parse("2001:db8:c::7").GetAddressBytes();

    private readonly TestNetwork _network = new();
    private readonly string _mount;
    private readonly string _group;
    private readonly string _home;
    private readonly List<string> _lines = [];

    public ClientAddressTests()
    {
        _mount = File.ReadLines("/proc/self/mounts").Select(l => l.Split(' ')).First(f => f[2] == "cgroup2")[1];
        _home = File.ReadLines("/proc/self/cgroup").First(l => l.StartsWith("0::", StringComparison.Ordinal))[3..];
        _group = $"/{_network.Inside}";
        Directory.CreateDirectory(_mount + _group);
        File.WriteAllText($"{_mount}{_group}/cgroup.procs", "0");
    }

    public void Dispose()
    {
        // Other tests of this process started tools meanwhile, which were born into the group.
        string home = $"{_mount}{_home.TrimEnd('/')}/cgroup.procs";
        File.WriteAllText(home, "0");
        for (int attempt = 0; attempt < 1000 && Directory.Exists(_mount + _group); attempt++)
        {
            try
            {
                foreach (string process in File.ReadAllLines($"{_mount}{_group}/cgroup.procs")) File.WriteAllText(home, process);
                Directory.Delete(_mount + _group);
            }
            catch (IOException)
            {
                // One of them has just ended, or is ending.
                Thread.Yield();
            }
        }

        _network.Dispose();
    }

    public static TheoryData<string, byte[], string> Options => new()
    {
        { "first", s_option, "198.51.100.7:40000" },
        { "after a timestamp", [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, .. s_option], "198.51.100.7:40000" },
        { "not there", [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0], $"{Local}:1234" },
        { "another experiment", [254, 6, 0xE2, 0xD4, 0xC3, 0xD9, 1, 1], $"{Local}:1234" },
        { "after the end of the list", [0, 0, 0, 0, .. s_option], $"{Local}:1234" },
        { "longer than the header", [1, 1, 1, 1, 254, 8, 0x9C, 0x40], $"{Local}:1234" },
        { "length zero in front", [8, 0, 1, 1, .. s_option], $"{Local}:1234" },
        { "IPv6 client on an IPv4 socket", [254, 20, 0x9C, 0x40, .. s_address6], $"{Local}:1234" },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Ipv4Socket_AnswersTheClientOfTheOption(string what, byte[] options, string expected)
    {
        SetUp();
        (string accepted, string peer) = Connect(IPAddress.Any, Local, Rip, options);
        accepted.ShouldBe(expected, what);
        peer.ShouldBe(expected, what);
    }

    [Theory]
    [InlineData(254)]
    [InlineData(253)]
    public void Ipv6Socket_AnswersTheClientOfTheOption(byte kind)
    {
        SetUp();
        (string accepted, string peer) = Connect(IPAddress.IPv6Any, Local6, Rip6, [kind, 20, 0x9C, 0x40, .. s_address6]);
        accepted.ShouldBe("[2001:db8:c::7]:40000");
        peer.ShouldBe("[2001:db8:c::7]:40000");
    }

    [Fact]
    public void DualStackSocket_WithAnIpv4Connection_AnswersTheMappedClient()
    {
        SetUp();
        (string accepted, string peer) = Connect(IPAddress.IPv6Any, Local, Rip, s_option);
        accepted.ShouldBe("[::ffff:198.51.100.7]:40000");
        peer.ShouldBe("[::ffff:198.51.100.7]:40000");
    }

    [Fact]
    public void Ipv6Connection_OfAnIpv4Client_AnswersTheMappedClient()
    {
        SetUp();
        Connect(IPAddress.IPv6Any, Local6, Rip6, s_option).ShouldBe(("[::ffff:198.51.100.7]:40000", "[::ffff:198.51.100.7]:40000"));
    }

    [Fact]
    public void Connection_AcceptedBySomebodyOfAnotherGroup_CountsForTheListenersGroup()
    {
        SetUp();
        string home = $"{_mount}{_home.TrimEnd('/')}/cgroup.procs";
        Connect(IPAddress.Any, Local, Rip, s_option, 8080, () => File.WriteAllText(home, "0")).Accepted.ShouldBe("198.51.100.7:40000");
        Connect(IPAddress.Any, Local, Rip, s_option, 8081).Accepted.ShouldBe($"{Local}:1234", "this listener was made outside the group");
    }

    [Theory]
    [InlineData("198.51.100.1", "198.51.100.7:40000")]
    [InlineData("198.51.100.0/24", "198.51.100.7:40000")]
    [InlineData("198.51.101.0/24", "198.51.100.1:1234")]
    public void Senders_OnceGiven_AreTheOnlyOnesBelieved(string from, string expected)
    {
        SetUp(from);
        Connect(IPAddress.Any, Local, Rip, s_option).Accepted.ShouldBe(expected);
        if (expected.StartsWith("198.51.100.7", StringComparison.Ordinal))
            Connect(IPAddress.IPv6Any, Local, Rip, s_option, 8081).Accepted.ShouldBe($"[::ffff:{expected.Replace(":", "]:")}");
    }

    [Fact]
    public void Programs_SetUpTwice_AreThereOnce_AndUndoneAreGone()
    {
        ClientAddressPrograms.IsAttached(_group).ShouldBeFalse();
        SetUp();
        _lines.Count(l => l.StartsWith('+')).ShouldBe(3);
        uint[] first = Attached();
        first.Length.ShouldBe(3);
        _lines.Clear();
        SetUp();
        _lines.ShouldAllBe(l => l.StartsWith('='));
        Attached().ShouldBe(first);
        SetUp("198.51.100.0/24");
        Attached().ShouldBe(first, "who is believed changes without a new program");
        new ClientAddressPrograms(_lines.Add).SetUp(_group, null, isDryRun: false).ShouldBeFalse("those given before stay");
        new ClientAddressPrograms(_lines.Add).IsComplete(_group, null).ShouldBeTrue();
        AddressRange.TryParse("198.51.100.0/24", out AddressRange range).ShouldBeTrue();
        new ClientAddressPrograms(_lines.Add).IsComplete(_group, [range]).ShouldBeTrue();
        new ClientAddressPrograms(_lines.Add).IsComplete(_group, []).ShouldBeFalse();
        new ClientAddressPrograms(_lines.Add).Undo(_group, isDryRun: false).ShouldBeTrue();
        Attached().ShouldBeEmpty();
        new ClientAddressPrograms(_lines.Add).Undo(_group, isDryRun: false).ShouldBeFalse();
        new ClientAddressPrograms(_lines.Add).IsComplete(_group, null).ShouldBeFalse();
    }

    [Fact]
    public void DryRun_AttachesNothing()
    {
        new ClientAddressPrograms(_lines.Add).SetUp(_group, [], isDryRun: true);
        _lines.Count(l => l.StartsWith('+')).ShouldBe(3);
        Attached().ShouldBeEmpty();
    }

    [Fact]
    public void ControlGroup_ThatIsNotThere_IsNamed() =>
        Should.Throw<Linux.KernelCallException>(() => SetUpIn("/no/such/group")).Message.ShouldContain("control group /no/such/group");

    [Theory]
    [InlineData("")]
    [InlineData("/sys/fs/cgroup/unified")]
    [InlineData("/sys/fs/cgroup")]
    public void ControlGroup_WhereTheHierarchyIsNotMounted_IsFoundAside(string prefix)
    {
        // As in 'ip netns exec', which mounts a fresh /sys over the old one.
        Exception? failure = null;
        uint[] attached = [];
        var thread = new Thread(() =>
        {
            try
            {
                const int CLONE_NEWNS = 0x20000, MS_REC = 0x4000, MS_PRIVATE = 0x40000, MNT_DETACH = 2;
                unshare(CLONE_NEWNS).ShouldBe(0);
                mount("none", "/", null, MS_REC | MS_PRIVATE, 0).ShouldBe(0);
                umount2(_mount, MNT_DETACH).ShouldBe(0);
                SetUpIn(prefix + _group);
                attached = Attached();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        failure.ShouldBeNull();
        attached.Length.ShouldBe(3);
        Attached().ShouldBe(attached, "the same group, seen from outside");
    }

    private uint[] Attached()
    {
        using ControlGroup group = ControlGroup.Open(_group);
        return [.. Enum.GetValues<ControlGroupHook>().SelectMany(group.Programs)];
    }

    private void SetUp(params string[] from) => SetUpIn(_group, from);

    private void SetUpIn(string group, params string[] from) => new ClientAddressPrograms(_lines.Add).SetUp(
        group, [.. from.Select(f => AddressRange.TryParse(f, out AddressRange r) ? r : throw new ArgumentException(f))], isDryRun: false);

    private (string Accepted, string Peer) Connect(IPAddress listen, string client, string server, byte[] options, ushort port = 8080, Action? beforeConnecting = null)
    {
        using Socket listener = NetworkNamespace.Run(_network.InsidePath, () =>
        {
            var socket = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (listen.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = true;
            socket.Bind(new IPEndPoint(listen, port));
            socket.Listen();
            return socket;
        });
        beforeConnecting?.Invoke();
        using var wire = new Wire(_network);
        new HandMadeConnection(wire, client, server, 1234, port).TryConnect(options).ShouldBeTrue("SYN+ACK");
        listener.Poll(TimeSpan.FromSeconds(3), SelectMode.SelectRead).ShouldBeTrue("established");
        using Socket accepted = listener.Accept();
        // A socket made from a descriptor knows nobody: it asks getpeername.
        using var again = new Socket(new SafeSocketHandle(accepted.Handle, ownsHandle: false));
        return (accepted.RemoteEndPoint!.ToString()!, again.RemoteEndPoint!.ToString()!);
    }

#pragma warning disable SYSLIB1054 // this project allows no unsafe code, which the generator needs
    [DllImport("libc")]
    private static extern int unshare(int flags);

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int mount(string source, string target, string? type, nuint flags, nint data);

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int umount2(string target, int flags);
#pragma warning restore SYSLIB1054
}
