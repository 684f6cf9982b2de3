using System.Net.NetworkInformation;
using NetVS.Director.Forwarding;
using NetVS.Linux.Attachment;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.EndToEnd;

/// <summary>Real connections through a real director: every method on every kind of link.</summary>
public sealed class ForwardingTests : IDisposable
{
    private const string V4 = "203.0.113.80:80", V6 = "[2001:db8:1::80]:80";

    private readonly LabNetwork _lab = new();

    public static TheoryData<LinkChoice, HookChoice, int> Links() => new()
    {
        { LinkChoice.AfXdp, HookChoice.Xdp, 1 },
        { LinkChoice.AfXdp, HookChoice.XdpGeneric, 1 },
        { LinkChoice.AfPacket, HookChoice.Tc, 1 },
        { LinkChoice.AfPacket, HookChoice.Tc, 2 },
        { LinkChoice.AfXdp, HookChoice.Xdp, 2 },
    };

    [Theory]
    [MemberData(nameof(Links))]
    public void Nat_CarriesConnections(LinkChoice link, HookChoice hook, int workers) => Carry(link, hook, workers, ForwardingMethod.Nat, 8080);

    [Theory]
    [MemberData(nameof(Links))]
    public void DirectRouting_CarriesConnections(LinkChoice link, HookChoice hook, int workers) =>
        Carry(link, hook, workers, ForwardingMethod.DirectRouting, 80);

    [Theory]
    [MemberData(nameof(Links))]
    public void FullNat_CarriesConnections(LinkChoice link, HookChoice hook, int workers) => Carry(link, hook, workers, ForwardingMethod.FullNat, 8080);

    [Fact]
    public void Nat_OverTwoQueues_HasAWorkerForEach()
    {
        _lab.UseTwoQueues();
        Carry(LinkChoice.AfXdp, HookChoice.Xdp, 2, ForwardingMethod.Nat, 8080, status => status.Queues.ShouldBe(2));
    }

    public void Dispose() => _lab.Dispose();

    private static IPStatus Ping(string address)
    {
        using var ping = new Ping();
        return ping.Send(address, 2000).Status;
    }

    private void Carry(LinkChoice link, HookChoice hook, int workers, ForwardingMethod method, int port, Action<LinkStatus>? check = null)
    {
        using var director = new RunningDirector(_lab.Director, new LinkManagerOptions { Link = link, Hook = hook, Interfaces = ["f0", "b0"] }, workers);
        try
        {
            check?.Invoke(director.Links.ReadStatus().Single(s => s.Interface == "f0"));
            if (method == ForwardingMethod.DirectRouting) _lab.ReplyPastTheDirector();

            // Generic XDP cannot take the unsegmented frames of a stack on the same machine.
            if (hook == HookChoice.XdpGeneric) _lab.TurnSegmentationOffloadOff();
            for (int i = 0; i < 2; i++) _lab.Serve(_lab.Servers[i], $"rs{i}", port);
            foreach ((string service, string real) in new[] { (V4, "192.168.1.1"), (V6, "[fd00::1]") })
            {
                director.AddService(service);
                if (method == ForwardingMethod.FullNat) director.AddLocalAddress(service, service == V4 ? "192.168.1.2" : "fd00::2");
                for (int i = 0; i < 2; i++)
                    director.AddDestination(service, (service == V4 ? $"192.168.1.1{i}" : $"[fd00::1{i}]") + $":{port}", method);
            }

            foreach ((string address, string client) in new[] { (LabNetwork.Vip, "203.0.113.7"), (LabNetwork.VipV6, "2001:db8:1::7") })
            {
                List<string> answers = [];
                for (int i = 0; i < 10; i++) answers.Add(_lab.Get(address, 80).Line);
                answers.Count(a => a.StartsWith("rs0 ", StringComparison.Ordinal)).ShouldBe(5, $"{address}: {string.Join(", ", answers)}");
                string seen = method != ForwardingMethod.FullNat ? client : client.Contains(':') ? "fd00::2" : "192.168.1.2";
                answers.ShouldAllBe(a => a.EndsWith(" " + seen));
                (_, long octets) = _lab.Get(address, 80, 20_000_000);
                octets.ShouldBe(20_000_000);
                _lab.Put(address, 80, 20_000_000).ShouldEndWith(" 20000000");
            }

            // What is not the service's stays with the kernel.
            _lab.Client.Run(() => Ping(LabNetwork.Vip)).ShouldBe(IPStatus.Success);
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{director.Describe()}", failure);
        }
    }
}
