using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>A network described by the lines of an <c>ip -batch</c> file, for replay and tests.</summary>
/// <remarks>
/// <para>The lines are obeyed in order, as iproute2 would; blank lines and comments from '#' are skipped. Understood are
/// <c>link</c> (set, add, del), <c>addr</c> (add, replace, del), <c>route</c> (add, append, replace, del) and <c>neigh</c> (add,
/// replace, del), with the words that matter to a director; other words are refused, not ignored.</para>
/// <para>Unlike the kernel, <c>link set dev NAME</c> makes the interface when it is new, and an interface is up until it is said
/// to be down. There is always <c>lo</c> with its addresses. Routes to own networks, own addresses and broadcast addresses
/// follow from the addresses.</para>
/// </remarks>
public sealed class IpBatch
{
    private readonly IpBatchModel _model = new();
    private readonly List<NetworkDiagnostic> _diagnostics = [];
    private int _line;

    /// <summary>All problems met so far; a line with a problem changed nothing.</summary>
    public IReadOnlyList<NetworkDiagnostic> Diagnostics => _diagnostics;

    /// <summary>Obeys a whole text.</summary>
    public static IpBatch Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var batch = new IpBatch();
        foreach (string line in text.Split('\n')) batch.Execute(line);
        return batch;
    }

    /// <summary>A network state made from a text known to be right (tests).</summary>
    /// <exception cref="FormatException">A line has a problem.</exception>
    public static NetworkState ParseState(string text)
    {
        IpBatch batch = Parse(text);
        if (batch.Diagnostics.Count > 0) throw new FormatException(string.Join('\n', batch.Diagnostics));
        var state = new NetworkState();
        batch.Publish(state);
        return state;
    }

    /// <summary>Obeys one more line.</summary>
    /// <returns>False when it has a problem, which was added to <see cref="Diagnostics"/>.</returns>
    public bool Execute(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        _line++;
        try
        {
            Execute(new IpBatchLine(line));
            return true;
        }
        catch (IpBatchException problem)
        {
            _diagnostics.Add(new NetworkDiagnostic(_line, problem.Column, problem.Message));
            return false;
        }
    }

    /// <summary>The index of an interface, or 0.</summary>
    public int FindInterface(string name) => _model.Links.TryGetValue(name, out NetworkInterface? link) ? link.Index : 0;

    /// <summary>Makes the state what the lines describe. May be called again after further lines.</summary>
    public void Publish(NetworkState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.NextHops.ReplaceNeighbours(_model.Neighbours);
        state.Publish(_model.Build());
    }

    private void Execute(IpBatchLine line)
    {
        line.TryTake("ip");
        if (line.TryTake("-4")) line.Family = IpFamily.V4;
        else if (line.TryTake("-6")) line.Family = IpFamily.V6;
        if (line.IsAtEnd) return;
        string word = line.Take("a word");
        switch (word)
        {
            case "link" or "l": new IpBatchLinkCommand(_model, line).Execute(); break;
            case "address" or "addr" or "a": new IpBatchAddressCommand(_model, line).Execute(); break;
            case "route" or "ro" or "r": new IpBatchRouteCommand(_model, line).Execute(); break;
            case "neighbour" or "neighbor" or "neigh" or "n": new IpBatchNeighbourCommand(_model, line).Execute(); break;
            default: throw line.Wrong($"unknown object '{word}': use link, addr, route or neigh");
        }

        if (!line.IsAtEnd)
        {
            string extra = line.Take("nothing");
            throw line.Wrong($"unknown word '{extra}' in '{word}'");
        }
    }
}
