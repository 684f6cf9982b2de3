using NetVS.Linux.Attachment;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.Native;
using NetVS.Links;
using NetVS.Rules;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>Links of two kinds in one director, and links that go and come back under it.</summary>
public sealed class ChangingLinksTests : IDisposable
{
    private const string Service = "203.0.113.80:80";

    private readonly LabNetwork _lab = new();

    [Fact]
    public void BetweenTwoKindsOfLink_UnsegmentedFramesAreCut_AndOthersCopied()
    {
        using DivertProgram others = DivertProgram.Load();
        int index = int.Parse(_lab.Director.Ip("-o link show dev b0").Split(':')[0]);
        using BpfLink attached = _lab.Director.Run(() => BpfLink.AttachXdp(others.Xdp, index, XdpMode.Generic, "b0"));
        // What comes by hardware has its checksum.
        _lab.Client.Execute("ethtool", "-K c0 tx off");
        using var director = new RunningDirector(_lab.Director, new LinkManagerOptions
        {
            Interfaces = ["f0", "b0"],

            // Devices that say they are on a bus, as veth does not: by itself such a one takes XDP, unless somebody else has it.
            Probe = name => InterfaceProbe.Read(name) with { Bus = "0000:00:04.0" },
        });
        Explain(director, () =>
        {
            Offer(director);
            director.Links.ReadStatus().Single(s => s.Interface == "b0").Link.ShouldBe("af_packet");
            _lab.Get(LabNetwork.Vip, 80, 20_000_000).Octets.ShouldBe(20_000_000);
            _lab.Put(LabNetwork.Vip, 80, 20_000_000).ShouldEndWith(" 20000000");
            director.Links.ReadStatus().Single(s => s.Interface == "f0").Counters["segmented_frames"].ShouldBeGreaterThan(0);
        });
    }

    [Theory]
    [InlineData(LinkChoice.AfXdp)]
    [InlineData(LinkChoice.AfPacket)]
    public void Interface_ThatGoesDownAndComesBack_CarriesAgain(LinkChoice link)
    {
        using var director = new RunningDirector(_lab.Director, new LinkManagerOptions { Link = link, Interfaces = ["f0", "b0"] });
        Explain(director, () =>
        {
            Offer(director);
            _lab.Get(LabNetwork.Vip, 80).Line.ShouldStartWith("rs0");
            for (int i = 0; i < 3; i++)
            {
                _lab.Director.Ip("link set b0 down");
                Patience.WaitFor(() => !IsAttached(director, "b0"), "b0 is left");
                _lab.Director.Ip("link set b0 up");
                Patience.WaitFor(() => IsAttached(director, "b0"), "b0 is taken again");
                _lab.Get(LabNetwork.Vip, 80, 1_000_000).Octets.ShouldBe(1_000_000);
            }
        });
    }

    [Fact]
    public void Interface_MadeAnew_CarriesAgain()
    {
        using var director = new RunningDirector(_lab.Director, new LinkManagerOptions { Interfaces = ["f0", "b0"] });
        Explain(director, () =>
        {
            Offer(director);
            _lab.Get(LabNetwork.Vip, 80).Line.ShouldStartWith("rs0");
            _lab.Director.Ip("link del b0");
            Patience.WaitFor(() => !IsAttached(director, "b0"), "b0 is left");
            Testing.Namespaces.NetworkNamespace.Connect(_lab.Switch, "d0", _lab.Director, "b0");
            _lab.Switch.Ip("link set d0 master br0");
            _lab.Director.Ip("addr add 192.168.1.1/24 dev b0");
            Patience.WaitFor(() => IsAttached(director, "b0"), "b0 is taken again");
            Patience.WaitFor(() => _lab.Director.Ip("-4 route show dev b0").Contains("192.168.1.0/24", StringComparison.Ordinal), "its route");
            _lab.Get(LabNetwork.Vip, 80, 1_000_000).Octets.ShouldBe(1_000_000);
        });
    }

    public void Dispose() => _lab.Dispose();

    private static bool IsAttached(RunningDirector director, string name) => director.Links.ReadStatus().Any(s => s.Interface == name && s.IsAttached);

    private static void Explain(RunningDirector director, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{director.Describe()}", failure);
        }
    }

    private void Offer(RunningDirector director)
    {
        _lab.Serve(_lab.Servers[0], "rs0", 8080);
        director.AddService(Service);
        director.AddDestination(Service, "192.168.1.10:8080", ForwardingMethod.Nat);
    }
}
