using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary><c>neigh add|replace|del</c>.</summary>
internal sealed class IpBatchNeighbourCommand(IpBatchModel model, IpBatchLine line) : IpBatchCommand(model, line)
{
    public override void Execute()
    {
        string verb = Line.Take("add, replace or del");
        if (verb is not ("add" or "replace" or "change" or "del" or "delete"))
            throw Line.Wrong($"unknown command 'neigh {verb}': use add, replace or del");
        NetworkInterface? over = null;
        IpAddress address = default;
        MacAddress? mac = null;
        string state = "permanent";
        int column = Line.Column;
        while (!Line.IsAtEnd)
        {
            if (Line.TryTake("dev")) over = TakeInterface();
            else if (Line.TryTake("lladdr")) mac = Line.TakeMac();
            else if (Line.TryTake("nud")) state = Line.Take("a state");
            else if (Line.TryTake("router")) { }
            else
            {
                if (Line.TryTake("to")) { }
                if (!address.IsNone) ExpectEnd($"neigh {verb}");
                address = Line.TakeAddress("a neighbour's address");
                column = Line.Column;
            }
        }

        if (address.IsNone) throw new IpBatchException(column, $"'neigh {verb}' without an address");
        if (over is null) throw new IpBatchException(column, $"'neigh {verb}' without an interface: give 'dev NAME'");
        if (verb is "del" or "delete")
        {
            if (!Model.Neighbours.Remove((over.Index, address)))
                throw new IpBatchException(column, $"there is no neighbour {address} on '{over.Name}'");
            return;
        }

        Model.Neighbours[(over.Index, address)] = state switch
        {
            "permanent" or "reachable" or "stale" or "delay" or "probe" or "noarp" => (NextHopState.Reachable, mac
                ?? throw new IpBatchException(column, $"the neighbour {address} needs its MAC: give 'lladdr MAC'")),
            "failed" => (NextHopState.Failed, default),
            "incomplete" or "none" => (NextHopState.Unresolved, default),
            _ => throw Line.Wrong($"unknown neighbour state '{state}': use permanent, reachable, stale, incomplete or failed"),
        };
    }
}
