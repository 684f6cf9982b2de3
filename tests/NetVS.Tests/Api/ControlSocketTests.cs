using System.Net.Sockets;
using NetVS.Api.Server;

namespace NetVS.Tests.Api;

/// <summary>Whose socket it is.</summary>
public sealed class ControlSocketTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("netvs-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Socket_Taken_IsForTheOwnerOnlyInAReadableDirectory()
    {
        string path = Path.Combine(_directory, "run", "netvs.sock");
        using (ControlSocket socket = ControlSocket.Take(path))
        {
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            ((int)File.GetUnixFileMode(Path.GetDirectoryName(path)!)).ShouldBe(Convert.ToInt32("755", 8));
        }

        File.Exists(path).ShouldBeFalse();
        File.Exists(path + ".lock").ShouldBeFalse();
    }

    [Fact]
    public async Task Socket_OfALivingDaemon_IsRefused()
    {
        await using TestDaemon daemon = await TestDaemon.StartAsync();
        Should.Throw<ControlSocketException>(() => ControlSocket.Take(daemon.SocketPath)).Message.ShouldContain("already running");
        (await daemon.Ipvsadm("-L -n")).Status.ShouldBe(0);
    }

    [Fact]
    public void Socket_LeftByADeadDaemon_IsReplaced()
    {
        string path = Path.Combine(_directory, "netvs.sock");
        string other = path + ".moved";
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(other));
            File.Move(other, path);
        }

        File.WriteAllText(path + ".lock", "");
        File.Exists(path).ShouldBeTrue();
        using ControlSocket socket = ControlSocket.Take(path);
        socket.Path.ShouldBe(path);
    }

    [Fact]
    public void Path_ThatIsAFile_IsRefusedAndKept()
    {
        string path = Path.Combine(_directory, "precious");
        File.WriteAllText(path, "text");
        Should.Throw<ControlSocketException>(() => ControlSocket.Take(path)).Message.ShouldContain("is no socket");
        File.ReadAllText(path).ShouldBe("text");
        File.WriteAllText(path, "");
        Should.Throw<ControlSocketException>(() => ControlSocket.Take(path)).Message.ShouldContain("is no socket");
        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public void Path_TooLong_IsRefused() =>
        Should.Throw<ControlSocketException>(() => ControlSocket.Take(Path.Combine(_directory, new string('x', 120)))).Message.ShouldContain("--socket");
}
