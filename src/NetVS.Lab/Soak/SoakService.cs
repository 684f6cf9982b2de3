using System.Globalization;
using NetVS.Lab.Peers;
using NetVS.Packets;

namespace NetVS.Lab.Soak;

/// <summary>A virtual service of the soak, as the rules are to have it now.</summary>
internal sealed class SoakService
{
    /// <summary>As the lab calls it: nat-tcp4.</summary>
    public required string Name { get; init; }

    /// <summary>Virtual address and port.</summary>
    public required IpEndpoint Virtual { get; init; }

    /// <summary>UDP; else TCP.</summary>
    public required bool IsUdp { get; init; }

    /// <summary>ipvsadm's option for the method, and what belongs to it.</summary>
    public required string Method { get; init; }

    /// <summary>FULLNAT's local address; else null.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>What its client may expect.</summary>
    public SoakKind Kind { get; init; }

    /// <summary>The options of its line behind the scheduler; empty, or with a space before them.</summary>
    public string Options { get; init; } = "";

    /// <summary>Whether it may be deleted and made again as a whole.</summary>
    public bool IsExtra { get; init; }

    /// <summary>Whether it is there.</summary>
    public bool IsIn { get; set; } = true;

    /// <summary>Its scheduler now, with its flags.</summary>
    public required string Scheduler { get; set; }

    /// <summary>Its servers. The first is never deleted, quiesced or limited, so that there always is one to be chosen.</summary>
    public required IReadOnlyList<SoakServer> Servers { get; init; }

    /// <summary>Whether a client is kept on its server.</summary>
    public bool IsPersistent => Options.Contains(" -p ", StringComparison.Ordinal);

    /// <summary>Whether replies pass the director.</summary>
    public bool SeesReplies => Method is "-m" or "-b";

    /// <summary>As ipvsadm takes it.</summary>
    public string Option => $"{(IsUdp ? "-u" : "-t")} {Virtual}";

    /// <summary>As the API names it.</summary>
    public string Key => $"{(IsUdp ? "udp" : "tcp")}:{Virtual}";

    /// <summary>Its command line.</summary>
    /// <param name="command">-A or -E.</param>
    public string Line(string command) => $"{command} {Option} -s {Scheduler}{Options}";

    /// <summary>The command line of one of its servers.</summary>
    /// <param name="command">-a or -e.</param>
    /// <param name="server">Which one.</param>
    public string Line(string command, SoakServer server)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{command} {Option} -r {server.Real} {Method} -w {server.Weight}");
        return server.Upper == 0 ? line : string.Create(CultureInfo.InvariantCulture, $"{line} -x {server.Upper} -y {server.Upper / 2}");
    }

    /// <summary>The command lines that make it.</summary>
    public IEnumerable<string> Lines()
    {
        if (!IsIn) yield break;
        yield return Line("-A");
        if (LocalAddress is not null) yield return $"-P {Option} -z {LocalAddress}";
        foreach (SoakServer server in Servers.Where(s => s.IsIn)) yield return Line("-a", server);
    }
}
