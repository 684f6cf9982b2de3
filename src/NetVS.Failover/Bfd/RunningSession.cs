using System.Net;
using System.Net.Sockets;
using NetVS.Bfd.Machine;
using NetVS.Packets;

namespace NetVS.Failover.Bfd;

/// <summary>A session with the socket it sends by. Thread: the loop's.</summary>
internal sealed class RunningSession(BfdPlan plan, uint discriminator, IBfdEffects effects) : IDisposable
{
    // RFC 5881 §4: the source port is one of these, and no other session's.
    private const int FirstPort = 49152, LastPort = 65535, MostTries = 64;
    private Socket? _socket;

    /// <summary>What was asked for.</summary>
    public BfdPlan Plan { get; private set; } = plan;

    /// <summary>The state machine.</summary>
    public BfdSession Session { get; } = new(plan.Options, discriminator, effects);

    /// <summary>Packets that did not leave: no route, no source address.</summary>
    public long SendFailures { get; private set; }

    /// <summary>Takes another plan of the same identity.</summary>
    public void Change(BfdPlan plan, MonotonicTime now)
    {
        Plan = plan;
        Session.Change(plan.Options, now);
    }

    /// <summary>Takes a plan with the same numbers: who follows the session may be others.</summary>
    public void Follow(BfdPlan plan) => Plan = plan;

    /// <summary>Sends to the neighbour; what does not leave is counted, and the next packet tries again.</summary>
    public void Send(ReadOnlySpan<byte> octets)
    {
        try
        {
            _socket ??= Open();
            _socket.Send(octets, SocketFlags.None, out SocketError error);

            // "Refused" is what the other host said to an earlier packet: this one has left.
            if (error is SocketError.Success or SocketError.ConnectionRefused) return;
        }
        catch (SocketException)
        {
            // Counted below.
        }

        SendFailures++;
        _socket?.Dispose();
        _socket = null;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private Socket Open()
    {
        bool isV6 = Plan.Neighbour.Family == IpFamily.V6;
        var socket = new Socket(isV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (isV6) socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, true);
            socket.Ttl = (short)Plan.Ttl;
            Bind(socket, Plan.Source.IsNone ? (isV6 ? IPAddress.IPv6Any : IPAddress.Any) : ToAddress(Plan.Source));
            socket.Connect(new IPEndPoint(ToAddress(Plan.Neighbour), Plan.Port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Bind(Socket socket, IPAddress source)
    {
        int port = FirstPort + (int)(Session.Discriminator % (LastPort - FirstPort + 1));
        for (int i = 0; ; i++)
        {
            try
            {
                socket.Bind(new IPEndPoint(source, port));
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && i < MostTries)
            {
                port = port == LastPort ? FirstPort : port + 1;
            }
        }
    }

    private static IPAddress ToAddress(IpAddress address)
    {
        Span<byte> octets = stackalloc byte[address.Size];
        address.Write(octets);
        return new IPAddress(octets);
    }
}
