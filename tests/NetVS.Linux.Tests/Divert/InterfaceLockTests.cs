using System.Net.Sockets;
using NetVS.Linux.Divert;

namespace NetVS.Linux.Tests.Divert;

public sealed class InterfaceLockTests
{
    /// <summary>No interface has this index.</summary>
    private const int Index = int.MaxValue;

    [Fact]
    public void Take_OfATakenInterface_IsRefusedByName_HoweverOften()
    {
        using (InterfaceLock.Take(Index, "eth0"))
        {
            for (int i = 0; i < 20; i++)
                Should.Throw<KernelCallException>(() => InterfaceLock.Take(Index, "eth0")).Message
                    .ShouldContain($"another NetVS director (process {Environment.ProcessId}) has this interface");
        }

        InterfaceLock.Take(Index, "eth0").Dispose();
    }

    [Fact]
    public async Task Take_OfAnInterfaceThatOnlyACopyOfOurDescriptorHolds_Waits()
    {
        // As a child has one that is not its program yet.
        var copy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        copy.Bind(new UnixDomainSocketEndPoint($"\0netvs/director/{Index - 2}"));
        copy.Listen();
        Task end = Task.Run(async () =>
        {
            await Task.Delay(50);
            copy.Dispose();
        }, TestContext.Current.CancellationToken);
        InterfaceLock.Take(Index - 2, "eth0").Dispose();
        await end;
    }

    [Fact]
    public void Take_WhenThousandsWereRefused_StillDoesNotWait()
    {
        using InterfaceLock taken = InterfaceLock.Take(Index - 1, "eth0");
        for (int i = 0; i < 5000; i++)
            Should.Throw<KernelCallException>(() => InterfaceLock.Take(Index - 1, "eth0")).Message.ShouldContain("another NetVS director");
    }
}
