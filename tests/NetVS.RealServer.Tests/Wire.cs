using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using NetVS.Linux.Host;

namespace NetVS.RealServer.Tests;

/// <summary>The outer end of a <see cref="TestNetwork"/>'s wire: every frame that comes, any frame to send.</summary>
internal sealed class Wire : IDisposable
{
    private readonly Socket _socket;

    public Wire(TestNetwork network, string device = "w0")
    {
        _socket = NetworkNamespace.Run(network.OutsidePath, () =>
        {
            const ushort EverythingBigEndian = 0x0300; // htons(ETH_P_ALL)
            var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)EverythingBigEndian);
            socket.Bind(new LinkEndPoint(if_nametoindex(device)));
            return socket;
        });
        _socket.ReceiveTimeout = 3000;
    }

    public void Send(byte[] frame) => _socket.Send(frame);

    /// <summary>The first frame that suits, or null when none comes in time.</summary>
    public byte[]? Receive(Func<byte[], bool> suits, int milliseconds = 3000)
    {
        byte[] buffer = new byte[65536];
        DateTime end = DateTime.UtcNow.AddMilliseconds(milliseconds);
        while (DateTime.UtcNow < end)
        {
            if (!_socket.Poll(end - DateTime.UtcNow, SelectMode.SelectRead)) return null;
            byte[] frame = buffer[.._socket.Receive(buffer)];
            // Our own frames come back as outgoing ones: they carry our source address.
            if (!frame.AsSpan(6, 6).SequenceEqual(Frames.MacThere) && suits(frame)) return frame;
        }

        return null;
    }

    public void Dispose() => _socket.Dispose();

#pragma warning disable SYSLIB1054 // this project allows no unsafe code, which the generator needs
    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern uint if_nametoindex(string name);
#pragma warning restore SYSLIB1054

    /// <summary>struct sockaddr_ll with the interface only.</summary>
    private sealed class LinkEndPoint(uint index) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, 20);
            address[3] = 3;
            for (int i = 0; i < 4; i++) address[4 + i] = (byte)(index >> (8 * i));
            return address;
        }
    }
}
