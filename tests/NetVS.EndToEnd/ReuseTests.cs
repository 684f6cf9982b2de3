using System.Net;
using System.Net.Sockets;
using NetVS.Director.Forwarding;
using NetVS.Linux.Attachment;
using NetVS.Links;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Time;

namespace NetVS.EndToEnd;

/// <summary>A real client that uses a few ports again and again, as fast as it can: each SYN replaces the connection it hits, none is dropped.</summary>
/// <remarks>Whether a SYN had to be sent twice is not asked: where the machine is busy, its answer may be late. The minute of 5,000 connections a second is played to the engine by its clock: Director.Tests, ReuseTests.</remarks>
public sealed class ReuseTests : IDisposable
{
    private const int Ports = 8, Connections = 1000;

    private readonly LabNetwork _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(ForwardingMethod.Nat)]
    [InlineData(ForwardingMethod.DirectRouting)]
    [InlineData(ForwardingMethod.FullNat)]
    public void ConnectionsThroughFewPorts_AreMadeAtOnce(ForwardingMethod method)
    {
        int realPort = method == ForwardingMethod.DirectRouting ? 80 : 8080;
        using var director = new RunningDirector(_lab.Director, new LinkManagerOptions { Link = LinkChoice.AfPacket, Hook = HookChoice.Tc, Interfaces = ["f0", "b0"] });
        if (method == ForwardingMethod.DirectRouting) _lab.ReplyPastTheDirector();
        director.AddService($"{LabNetwork.Vip}:80");
        if (method == ForwardingMethod.FullNat) director.AddLocalAddress($"{LabNetwork.Vip}:80", "192.168.1.2");
        director.AddDestination($"{LabNetwork.Vip}:80", $"192.168.1.10:{realPort}", method);
        _lab.Serve(_lab.Servers[0], "s0", realPort);
        var target = new IPEndPoint(IPAddress.Parse(LabNetwork.Vip), 80);
        try
        {
            for (int i = 0; i < Connections; i++)
            {
                int port = 20_000 + (i % Ports);
                Patience.WaitFor(() => TryConnect(target, port), $"port {port} is free");
            }

            director.Engine.Workers.Sum(w => w.CountEvents(ForwardingEvent.ConnectionReused)).ShouldBe(Connections - Ports);
            DropReasons.All.Sum(director.Engine.CountDrops).ShouldBe(0);
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{director.Describe()}", failure);
        }
    }

    // A reset ends the connection in the client at once, so that its port is free; the director and the server see it too. Unless another test starts a
    // program at that moment, which has a copy of the socket until it has become that program: then nothing is sent, and the port is asked for again.
    private bool TryConnect(IPEndPoint target, int port)
    {
        using Socket socket = _lab.Client.Run(() =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0), SendTimeout = 20_000 };
            made.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            made.Bind(new IPEndPoint(IPAddress.Any, port));
            return made;
        });
        try
        {
            socket.Connect(target);
            return true;
        }
        catch (SocketException inUse) when (inUse.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return false;
        }
    }
}
