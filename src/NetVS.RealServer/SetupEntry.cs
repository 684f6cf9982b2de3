using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>A <see cref="RealServerSetup"/> as text, as the record file has it.</summary>
internal sealed record SetupEntry(
    RealServerMethod Method, string Vip, IReadOnlyList<string> Interfaces, ushort GuePort = RealServerSetup.DefaultGuePort)
{
    /// <summary>Writes one down.</summary>
    public static SetupEntry From(RealServerSetup setup) => new(setup.Method, setup.Vip.ToString(), setup.Interfaces, setup.GuePort);

    /// <summary>Reads one back.</summary>
    public RealServerSetup ToSetup() => new(Method, IpAddress.Parse(Vip), Interfaces, GuePort);
}
