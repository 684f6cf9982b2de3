using System.Globalization;

namespace NetVS.Lab.Soak;

/// <summary>A request without an answer, as the client tells it. Times are milliseconds since 1970, of this machine's clock.</summary>
/// <param name="Service">The service that was asked.</param>
/// <param name="Server">The real server that had answered on the connection; empty if none had.</param>
/// <param name="Connected">When the connection began.</param>
/// <param name="Began">When the request began.</param>
/// <param name="Ended">When the client gave up, or was refused.</param>
/// <param name="Why">What the client saw.</param>
internal sealed record SoakLoss(string Service, string Server, long Connected, long Began, long Ended, string Why)
{
    /// <summary>Reads the client's line.</summary>
    public static SoakLoss Read(string[] words) =>
        new(words[1], words[2] == "-" ? "" : words[2], Number(words[3]), Number(words[4]), Number(words[5]), string.Join(' ', words[6..]));

    /// <summary>As the report shows it.</summary>
    public override string ToString()
    {
        string age = Began == Connected ? "a new connection" : string.Create(CultureInfo.InvariantCulture, $"a connection {(Began - Connected) / 1000.0:0.0} s old");
        string server = Server.Length == 0 ? "a server not known yet" : Server;
        return string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeMilliseconds(Began):HH:mm:ss.fff} {Service}, {age}, with {server}, after {(Ended - Began) / 1000.0:0.0} s: {Why}");
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
