using System.Net;
using System.Net.Sockets;
using NetVS.Linux.Attachment;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.EndToEnd;

/// <summary>--reset with real stacks: they answer the question, and take the reset, as their kernels do.</summary>
public sealed class ResetTests : IDisposable
{
    private readonly LabNetwork _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(ForwardingMethod.Nat, LinkChoice.AfPacket, HookChoice.Tc)]
    [InlineData(ForwardingMethod.DirectRouting, LinkChoice.AfPacket, HookChoice.Tc)]
    [InlineData(ForwardingMethod.FullNat, LinkChoice.AfXdp, HookChoice.Xdp)]
    public void IdleConnections_AndThoseOfADeletedServer_AreResetAtBothEnds(ForwardingMethod method, LinkChoice link, HookChoice hook)
    {
        int realPort = method == ForwardingMethod.DirectRouting ? 80 : 8080;
        using var director = new RunningDirector(_lab.Director, new LinkManagerOptions { Link = link, Hook = hook, Interfaces = ["f0", "b0"] });
        if (method == ForwardingMethod.DirectRouting) _lab.ReplyPastTheDirector();
        (string Vip, string Real, string Local)[] families = [(LabNetwork.Vip, "192.168.1.10", "192.168.1.2"), ($"[{LabNetwork.VipV6}]", "[fd00::10]", "fd00::2")];
        var keys = new List<ServiceKey>();
        foreach ((string vip, string real, string local) in families)
        {
            director.AddService($"{vip}:80");
            keys.Add(RunningDirector.Key($"{vip}:80", IpProtocol.Tcp));
            Edit(director, keys[^1], new ServiceOptions { Resets = true, TcpTimeout = 2 });
            if (method == ForwardingMethod.FullNat) director.AddLocalAddress($"{vip}:80", local);
            director.AddDestination($"{vip}:80", $"{real}:{realPort}", method);
        }

        using TcpListener listener = _lab.Servers[0].Run(() =>
        {
            var made = new TcpListener(IPAddress.IPv6Any, realPort);
            made.Server.DualMode = true;
            made.Start();
            return made;
        });
        try
        {
            (Socket Client, Socket Server)[] pairs = [Open(listener, LabNetwork.Vip), Open(listener, LabNetwork.VipV6)];
            foreach ((Socket client, Socket server) in pairs) ShouldBeReset(client, server);

            // These have all the time they want, but their server goes.
            foreach (ServiceKey key in keys) Edit(director, key, new ServiceOptions { Resets = true });
            pairs = [Open(listener, LabNetwork.Vip), Open(listener, LabNetwork.VipV6)];
            for (int i = 0; i < 2; i++)
                director.Engine.DeleteDestination(keys[i], RunningDirector.Endpoint($"{families[i].Real}:{realPort}")).ShouldBe(RuleResult.Ok);
            foreach ((Socket client, Socket server) in pairs) ShouldBeReset(client, server);
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{director.Describe()}", failure);
        }
    }

    private static void Edit(RunningDirector director, ServiceKey key, ServiceOptions options) =>
        director.Engine.EditService(director.Engine.FindService(key)!.Rule with { Options = options }).ShouldBe(RuleResult.Ok);

    // With some text each way, so that the numbers are no beginner's and the fast path has seen them.
    private (Socket Client, Socket Server) Open(TcpListener listener, string vip)
    {
        Socket client = _lab.Client.Run(() =>
        {
            var made = new Socket(IPAddress.Parse(vip).AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
            made.Connect(new IPEndPoint(IPAddress.Parse(vip), 80));
            return made;
        });
        Socket server = listener.AcceptSocket();
        server.ReceiveTimeout = 20_000;
        byte[] text = new byte[3000];
        for (int i = 0; i < 3; i++)
        {
            client.Send(text);
            for (int left = text.Length; left > 0;) left -= server.Receive(text);
            server.Send(text);
            for (int left = text.Length; left > 0;) left -= client.Receive(text);
        }

        return (client, server);
    }

    private static void ShouldBeReset(Socket client, Socket server)
    {
        byte[] buffer = new byte[1];
        Should.Throw<SocketException>(() => client.Receive(buffer)).SocketErrorCode.ShouldBe(SocketError.ConnectionReset, "the client");
        Should.Throw<SocketException>(() => server.Receive(buffer)).SocketErrorCode.ShouldBe(SocketError.ConnectionReset, "the server");
        client.Dispose();
        server.Dispose();
    }
}
