using System.Net;
using System.Net.Sockets;
using NetVS.Daemon;

namespace NetVS.Tests.Daemon;

/// <summary>Connections that health checks try: how each ends, from where they come, and that thousands do.</summary>
public sealed class CheckConnectorTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly CheckConnector _connector = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _connector.Dispose();

    private static Socket Listen(IPAddress address, int backlog = 128)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen(backlog);
        return socket;
    }

    private Task<SocketError> ConnectAsync(EndPoint target, IPEndPoint? source = null, string? device = null, TimeSpan? patience = null) =>
        _connector.ConnectAsync((IPEndPoint)target, source, device, 0, patience ?? s_patience).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Connection_Succeeds_AndIsRefused(string address)
    {
        using Socket listener = Listen(IPAddress.Parse(address));
        (await ConnectAsync(listener.LocalEndPoint!)).ShouldBe(SocketError.Success);
        using (Socket accepted = await listener.AcceptAsync(Cancellation)) (await accepted.ReceiveAsync(new byte[1], Cancellation)).ShouldBe(0, "it is closed in the ordinary way");
        EndPoint gone = listener.LocalEndPoint!;
        listener.Dispose();
        (await ConnectAsync(gone)).ShouldBe(SocketError.ConnectionRefused);
    }

    [Fact]
    public async Task Source_IsWhereItComesFrom()
    {
        using Socket listener = Listen(IPAddress.Loopback);
        (await ConnectAsync(listener.LocalEndPoint!, new IPEndPoint(IPAddress.Parse("127.0.0.77"), 0))).ShouldBe(SocketError.Success);
        using Socket accepted = await listener.AcceptAsync(Cancellation);
        ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString().ShouldBe("127.0.0.77");
        (await ConnectAsync(listener.LocalEndPoint!, new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0))).ShouldBe(SocketError.AddressNotAvailable);
    }

    [Fact]
    public async Task Server_ThatSaysNothing_TimesOut_AndHoldsNobodyElseUp()
    {
        // Whose queue is full drops what else asks for a connection.
        using Socket full = Listen(IPAddress.Loopback, 0), listener = Listen(IPAddress.Loopback);
        while (await ConnectAsync(full.LocalEndPoint!, patience: TimeSpan.FromSeconds(0.3)) == SocketError.Success)
        {
        }

        Task<SocketError> waiting = ConnectAsync(full.LocalEndPoint!, patience: TimeSpan.FromSeconds(59));
        Task<SocketError> soon = ConnectAsync(full.LocalEndPoint!, patience: TimeSpan.FromSeconds(0.2));
        (await ConnectAsync(listener.LocalEndPoint!)).ShouldBe(SocketError.Success);
        (await soon).ShouldBe(SocketError.TimedOut);
        waiting.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Thousands_AllEnd_WithoutADescriptorLeft()
    {
        using Socket listener = Listen(IPAddress.Loopback, 4096);
        using var closed = new CancellationTokenSource();
        Task accepting = Task.Run(async () =>
        {
            try
            {
                while (true) (await listener.AcceptAsync(closed.Token)).Dispose();
            }
            catch (OperationCanceledException)
            {
                // That was all.
            }
        }, Cancellation);
        await ConnectAsync(listener.LocalEndPoint!);
        int before = Directory.GetFiles("/proc/self/fd").Length;
        for (int round = 0; round < 5; round++)
        {
            SocketError[] ends = await Task.WhenAll(Enumerable.Range(0, 600).Select(_ => ConnectAsync(listener.LocalEndPoint!)));
            ends.ShouldAllBe(e => e == SocketError.Success);
        }

        await closed.CancelAsync();
        await accepting;
        Directory.GetFiles("/proc/self/fd").Length.ShouldBeLessThan(before + 100);
    }
}
