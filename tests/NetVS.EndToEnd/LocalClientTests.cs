using NetVS.Linux.Attachment;
using NetVS.Links;
using NetVS.Rules;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>Clients on the director itself: their requests are turned round at loopback's egress.</summary>
public sealed class LocalClientTests : IDisposable
{
    private readonly LabNetwork _lab = new();

    public static TheoryData<LinkChoice, string, ForwardingMethod> Ways() => new()
    {
        { LinkChoice.AfXdp, "203.0.113.1:80", ForwardingMethod.Nat },
        { LinkChoice.AfPacket, "203.0.113.1:80", ForwardingMethod.Nat },
        { LinkChoice.AfPacket, "[2001:db8:1::1]:80", ForwardingMethod.Nat },
        { LinkChoice.AfXdp, "203.0.113.1:80", ForwardingMethod.FullNat },
        { LinkChoice.AfPacket, "203.0.113.1:80", ForwardingMethod.Local },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void LocalClient_UsesTheService_BesideItsOwnConnectionsToTheRealServer(LinkChoice link, string service, ForwardingMethod method)
    {
        using var director = new RunningDirector(_lab.Director, new LinkManagerOptions { Link = link, Interfaces = ["f0", "b0"] });
        try
        {
            bool isV6 = service.StartsWith('[');
            string vip = service[..^3].Trim('[', ']'), real = isV6 ? "fd00::10" : "192.168.1.10";
            bool isHere = method == ForwardingMethod.Local;
            _lab.Serve(isHere ? _lab.Director : _lab.Servers[0], "one", isHere ? 80 : 8080);
            director.AddService(service);
            if (method == ForwardingMethod.FullNat) director.AddLocalAddress(service, "192.168.1.2");
            director.AddDestination(service, isHere ? service : $"{(isV6 ? $"[{real}]" : real)}:8080", method);
            Patience.WaitFor(() => director.Reports.Any(r => r.Contains("clients on this host", StringComparison.Ordinal)), "the egress hook");

            string seen = method == ForwardingMethod.FullNat ? "192.168.1.2" : vip;
            for (int i = 0; i < 3; i++) LabNetwork.Get(_lab.Director, vip, 80).Line.ShouldBe($"one {seen}");
            LabNetwork.Get(_lab.Director, vip, 80, 5_000_000).Octets.ShouldBe(5_000_000);
            LabNetwork.Put(_lab.Director, vip, 80, 5_000_000).ShouldBe("one 5000000");
            director.Links.ReadDivertCounters()["divert_local_request"].ShouldBeGreaterThan(0);

            // The real server itself stays within reach, as for a health check.
            if (!isHere) LabNetwork.Get(_lab.Director, real, 8080, 1_000_000).Octets.ShouldBe(1_000_000);
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{director.Describe()}", failure);
        }
    }

    public void Dispose() => _lab.Dispose();
}
