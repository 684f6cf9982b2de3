using NetVS.Linux.Attachment;
using NetVS.Links;
using NetVS.Rules;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>A real server that runs on the director itself: replies are turned round at egress.</summary>
public sealed class LocalServerTests : IDisposable
{
    private const string Service = "203.0.113.80:80";

    private readonly LabNetwork _lab = new();

    public static TheoryData<LinkChoice, ForwardingMethod> Ways() => new()
    {
        { LinkChoice.AfXdp, ForwardingMethod.Nat },
        { LinkChoice.AfPacket, ForwardingMethod.Nat },
        { LinkChoice.AfXdp, ForwardingMethod.FullNat },
        { LinkChoice.AfPacket, ForwardingMethod.FullNat },
        { LinkChoice.AfXdp, ForwardingMethod.Local },
        { LinkChoice.AfPacket, ForwardingMethod.Local },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void LocalServer_AnswersThroughTheService_AndDirectly(LinkChoice link, ForwardingMethod method)
    {
        using var director = new RunningDirector(_lab.Director, new LinkManagerOptions { Link = link, Interfaces = ["f0", "b0"] });
        try
        {
            int port = method == ForwardingMethod.Local ? 80 : 8080;
            string address = method == ForwardingMethod.Local ? LabNetwork.Vip : "203.0.113.1";
            _lab.Serve(_lab.Director, "local", port);
            director.AddService(Service);
            if (method == ForwardingMethod.FullNat) director.AddLocalAddress(Service, "192.168.1.2");
            director.AddDestination(Service, $"{address}:{port}", method);
            Patience.WaitFor(() => method == ForwardingMethod.Local || director.Reports.Any(r => r.Contains("real servers on this host", StringComparison.Ordinal)), "the egress hook");

            // FULLNAT towards this very host is NAT: the way back leads past the director anyway.
            for (int i = 0; i < 3; i++) _lab.Get(LabNetwork.Vip, 80).Line.ShouldBe("local 203.0.113.7");
            _lab.Get(LabNetwork.Vip, 80, 5_000_000).Octets.ShouldBe(5_000_000);
            _lab.Put(LabNetwork.Vip, 80, 5_000_000).ShouldBe("local 5000000");

            // The same server asked directly: its replies are turned round as well, and go on unchanged.
            if (method == ForwardingMethod.Nat)
            {
                _lab.Get("203.0.113.1", 8080).Line.ShouldBe("local 203.0.113.7");
                _lab.Get("203.0.113.1", 8080, 1_000_000).Octets.ShouldBe(1_000_000);
            }
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{director.Describe()}", failure);
        }
    }

    public void Dispose() => _lab.Dispose();
}
