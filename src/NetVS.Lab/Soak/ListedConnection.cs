using System.Globalization;
using NetVS.Lab.Hosts;

namespace NetVS.Lab.Soak;

/// <summary>One connection as <c>ipvsadm -Lcn</c> lists it.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Expires">Until it ends.</param>
/// <param name="State">Its state.</param>
/// <param name="Client">The client's end.</param>
/// <param name="Virtual">The virtual end.</param>
/// <param name="Real">The real server's end.</param>
internal sealed record ListedConnection(string Protocol, TimeSpan Expires, string State, string Client, string Virtual, string Real)
{
    /// <summary>Whether it is a persistence template, which carries no packets.</summary>
    public bool IsTemplate => Client.EndsWith(":0", StringComparison.Ordinal);

    /// <summary>Lists them.</summary>
    public static async Task<IReadOnlyList<ListedConnection>> ListAsync(DirectorHost director)
    {
        Shell.Outcome outcome = await director.AskAsync("ipvsadm", "-Lcn");
        if (!outcome.IsOk) throw new LabException($"ipvsadm -Lcn: {outcome.Errors.Trim()}{director.DaemonWords}");
        var connections = new List<ListedConnection>();
        foreach (string line in outcome.Output.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [_, var expires, var state, var client, var @virtual, var real] && expires.Split(':') is [var minutes, var seconds] && int.TryParse(minutes, out int m) && int.TryParse(seconds, out int s))
                connections.Add(new ListedConnection(words[0], TimeSpan.FromSeconds((60 * m) + s), state, client, @virtual, real));
        }

        return connections;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Protocol} {State} {Client} {Virtual} {Real}, expires in {Expires.TotalSeconds:0} s");
}
