namespace NetVS.Director.Network;

/// <summary>What the commands of an <c>ip -batch</c> line share.</summary>
internal abstract class IpBatchCommand(IpBatchModel model, IpBatchLine line)
{
    /// <summary>What the lines so far have made.</summary>
    protected IpBatchModel Model { get; } = model;

    /// <summary>The words.</summary>
    protected IpBatchLine Line { get; } = line;

    /// <summary>Reads the rest of the line and does what it says, or throws and changes nothing.</summary>
    public abstract void Execute();

    /// <summary>Takes an interface's name; the interface must be there.</summary>
    protected NetworkInterface TakeInterface()
    {
        string name = Line.Take("an interface");
        return Model.Links.TryGetValue(name, out NetworkInterface? link)
            ? link
            : throw Line.Wrong($"no interface '{name}': declare it before with 'link set dev {name} up'");
    }

    /// <summary>The line must end here: what follows would be half obeyed.</summary>
    protected void ExpectEnd(string command)
    {
        if (Line.IsAtEnd) return;
        string extra = Line.Take("nothing");
        throw Line.Wrong($"unknown word '{extra}' in '{command}'");
    }
}
