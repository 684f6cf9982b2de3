using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary><c>route add|append|replace|del</c>.</summary>
internal sealed class IpBatchRouteCommand(IpBatchModel model, IpBatchLine line) : IpBatchCommand(model, line)
{
    private readonly List<(NetworkInterface? Over, IpAddress Via, int Weight, int Column)> _hops = [];
    private NetworkInterface? _over;
    private IpAddress _via;
    private IpAddress _source;
    private RouteKind _kind = RouteKind.Unicast;
    private RouteTableId? _table;
    private uint? _metric;
    private int _ipMtu;

    public override void Execute()
    {
        string verb = Line.Take("add, append, replace or del");
        if (verb is not ("add" or "append" or "prepend" or "replace" or "change" or "del" or "delete"))
            throw Line.Wrong($"unknown command 'route {verb}': use add, append, replace or del");
        TakeKind();
        bool isDefault = Line.TryTake("default") || Line.TryTake("any") || Line.TryTake("all");
        (IpAddress Address, int Length) prefix = isDefault ? default : Line.TakePrefix("a destination");
        int column = Line.Column;
        if (!isDefault && RouteTable.FirstOf(prefix.Address, prefix.Length) != RouteTable.FirstOf(prefix.Address, prefix.Address.Size * 8))
            throw Line.Wrong($"{prefix.Address} has bits beyond its prefix of {prefix.Length}");
        TakeOptions();
        if (isDefault) prefix = (IpAddress.AnyOf(DefaultFamily()), 0);
        NetworkRoute route = Make(prefix.Address, prefix.Length, column, verb is "del" or "delete");
        Store(verb, route, column);
    }

    private void TakeKind()
    {
        RouteKind? kind = Line.Peek switch
        {
            "unicast" => RouteKind.Unicast,
            "local" => RouteKind.Local,
            "broadcast" => RouteKind.Broadcast,
            "multicast" => RouteKind.Multicast,
            "unreachable" => RouteKind.Unreachable,
            "blackhole" => RouteKind.Blackhole,
            "prohibit" => RouteKind.Prohibit,
            "throw" => RouteKind.None,
            _ => null,
        };
        if (kind is null) return;
        Line.Take("a kind");
        _kind = kind.Value;
    }

    private void TakeOptions()
    {
        while (!Line.IsAtEnd)
        {
            string word = Line.Take("a word");
            switch (word)
            {
                case "via": _via = TakeGateway(); break;
                case "dev": _over = TakeInterface(); break;
                case "src": _source = Line.TakeAddress("a source address"); break;
                case "mtu":
                    Line.TryTake("lock");
                    _ipMtu = Line.TakeNumber("MTU", 68, 65535);
                    break;
                case "metric" or "preference" or "priority": _metric = (uint)Line.TakeNumber("metric", 0, int.MaxValue); break;
                case "table": _table = TakeTable(); break;
                case "proto" or "protocol" or "scope": Line.Take($"a {word}"); break;
                case "onlink": break;
                case "nexthop": TakeHop(); break;
                default: throw Line.Wrong($"unknown word '{word}' in 'route'");
            }
        }
    }

    private void TakeHop()
    {
        int column = Line.Column;
        NetworkInterface? over = null;
        IpAddress via = default;
        int weight = 1;
        while (true)
        {
            if (Line.TryTake("via")) via = TakeGateway();
            else if (Line.TryTake("dev")) over = TakeInterface();
            else if (Line.TryTake("weight")) weight = Line.TakeNumber("weight", 1, 256);
            else if (!Line.TryTake("onlink")) break;
        }

        _hops.Add((over, via, weight, column));
    }

    private IpAddress TakeGateway()
    {
        // The family of a gateway may differ from the route's, and is then said before it (RFC 5549).
        if (Line.TryTake("inet") || Line.TryTake("inet6"))
        {
            IpFamily asked = Line.Family;
            Line.Family = IpFamily.None;
            IpAddress gateway = Line.TakeAddress("a gateway");
            Line.Family = asked;
            return gateway;
        }

        return Line.TakeAddress("a gateway");
    }

    private RouteTableId TakeTable()
    {
        string word = Line.Take("a table");
        return word switch
        {
            "main" or "254" => RouteTableId.Main,
            "local" or "255" => RouteTableId.Local,
            "default" or "253" => RouteTableId.Default,
            _ => throw Line.Wrong($"table '{word}' is not one the director looks at: use main, local or default"),
        };
    }

    private IpFamily DefaultFamily()
    {
        if (Line.Family != IpFamily.None) return Line.Family;
        if (!_via.IsNone) return _via.Family;
        if (!_source.IsNone) return _source.Family;
        return _hops.Count > 0 && !_hops[0].Via.IsNone ? _hops[0].Via.Family : IpFamily.V4;
    }

    private NetworkRoute Make(IpAddress destination, int length, int column, bool isDeletion)
    {
        if (_hops.Count > 0 && (_over is not null || !_via.IsNone))
            throw new IpBatchException(column, "a route has either 'via'/'dev' or 'nexthop', not both");
        bool leads = _kind is RouteKind.Unicast or RouteKind.Local or RouteKind.Broadcast or RouteKind.Multicast;
        if (_hops.Count == 0 && leads && !(isDeletion && _over is null && _via.IsNone)) _hops.Add((_over, _via, 1, column));
        if (!leads && (_hops.Count > 0 || _over is not null || !_via.IsNone))
            throw new IpBatchException(column, "a route that refuses packets has neither 'via' nor 'dev'");
        if (!_source.IsNone && _source.Family != destination.Family)
            throw new IpBatchException(column, $"the source {_source} is not of the destination's family");
        bool isLocalKind = _kind is RouteKind.Local or RouteKind.Broadcast;
        return new NetworkRoute(destination, length, [.. _hops.Select(h => Resolve(h.Over, h.Via, h.Weight, h.Column))])
        {
            Kind = _kind,
            Table = _table ?? (isLocalKind ? RouteTableId.Local : RouteTableId.Main),
            Metric = _metric ?? (destination.Family == IpFamily.V6 ? 1024u : 0u),
            IpMtu = _ipMtu,
            PreferredSource = _source,
        };
    }

    private RouteHop Resolve(NetworkInterface? over, IpAddress via, int weight, int column)
    {
        if (over is null && via.IsNone) throw new IpBatchException(column, "the route leads nowhere: give 'via ADDRESS' or 'dev NAME'");
        over ??= Model.FindOnLink(via)
            ?? throw new IpBatchException(column, $"the gateway {via} is on no network of an interface: give its interface with 'dev NAME'");
        return new RouteHop(over.Index, via, weight);
    }

    private void Store(string verb, NetworkRoute route, int column)
    {
        int at = Model.Routes.FindIndex(r => IsSamePlace(r, route) && (verb is not ("del" or "delete") || Fits(r, route)));
        switch (verb)
        {
            case "del" or "delete":
                if (at < 0) throw new IpBatchException(column, "there is no such route");
                Model.Routes.RemoveAt(at);
                break;
            case "add" when at >= 0:
                throw new IpBatchException(column, "there is such a route already: use another metric, 'append' or 'replace'");
            case "replace" or "change" when at >= 0:
                Model.Routes[at] = route;
                break;
            case "prepend":
                Model.Routes.Insert(0, route);
                break;
            default:
                Model.Routes.Add(route);
                break;
        }
    }

    // For "del": a metric and hops that were not said match any.
    private static bool Fits(NetworkRoute known, NetworkRoute asked) =>
        asked.Hops.Count == 0 || known.Hops.SequenceEqual(asked.Hops);

    private bool IsSamePlace(NetworkRoute a, NetworkRoute b) =>
        a.Table == b.Table && a.PrefixLength == b.PrefixLength && a.Destination.Family == b.Destination.Family
        && (_metric is null && b.Hops.Count == 0 && b.Kind == RouteKind.Unicast || a.Metric == b.Metric)
        && RouteTable.FirstOf(a.Destination, a.PrefixLength) == RouteTable.FirstOf(b.Destination, b.PrefixLength);
}
