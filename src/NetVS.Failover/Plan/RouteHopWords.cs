// ip-route(8): nexthop and encap.
using NetVS.Linux.Vrrp;
using NetVS.Packets;

namespace NetVS.Failover.Plan;

/// <summary>Reads next hops and encapsulations, which have words of their own.</summary>
internal static class RouteHopWords
{
    private const int MostWeight = 256;
    private const uint MostLabel = 0xFFFFF;

    /// <summary>Reads one next hop, up to the next one.</summary>
    public static RouteHopPlan Read(Queue<string> words, ref string? bad)
    {
        var hop = new RouteHopRequest();
        string? device = null;
        while (bad is null && words.TryPeek(out string? word) && word != "nexthop")
        {
            words.Dequeue();
            switch (word)
            {
                case "via":
                    if (words.TryPeek(out string? family) && family is "inet" or "inet6") words.Dequeue();
                    hop = hop with { Gateway = RouteNumbers.Address(words, ref bad, word) };
                    break;
                case "dev" or "oif":
                    device = RouteNumbers.Next(words);
                    break;
                case "weight":
                    uint weight = RouteNumbers.Number(words, null, ref bad, word);
                    if (weight is < 1 or > MostWeight) bad = word;
                    else hop = hop with { Weight = (int)weight };
                    break;
                case "onlink":
                    hop = hop with { IsOnLink = true };
                    break;
                case "realms":
                    hop = hop with { Realms = RouteNumbers.Realms(words, ref bad, word) };
                    break;
                case "encap":
                    hop = hop with { Encapsulation = ReadEncapsulation(words, ref bad) };
                    break;
                default:
                    bad = word;
                    break;
            }
        }

        if (bad is null && hop.Gateway.IsNone && device is null) bad = "nexthop without via and dev";
        return new RouteHopPlan(hop, device);
    }

    /// <summary>Reads what follows encap: ip and ip6 with id, dst, src, ttl, tos; mpls with labels and ttl. Ends at the first word that is none of it.</summary>
    public static RouteEncapsulation? ReadEncapsulation(Queue<string> words, ref string? bad)
    {
        string kind = RouteNumbers.Next(words) ?? "";
        switch (kind)
        {
            case "mpls":
                return ReadLabels(words, ref bad);
            case "ip" or "ip6":
                return ReadTunnel(words, kind == "ip" ? RouteEncapsulation.Ip : RouteEncapsulation.Ip6, ref bad);
            default:
                bad = $"encap {kind}";
                return null;
        }
    }

    private static RouteEncapsulation? ReadLabels(Queue<string> words, ref string? bad)
    {
        var labels = new List<uint>();
        foreach (string text in (RouteNumbers.Next(words) ?? "").Split('/'))
        {
            if (!RouteNumbers.TryNumber(text, out uint label) || label > MostLabel)
            {
                bad = "encap mpls";
                return null;
            }

            labels.Add(label);
        }

        byte? ttl = null;
        if (words.TryPeek(out string? next) && next == "ttl")
        {
            words.Dequeue();
            ttl = Octet(words, ref bad, next);
        }

        return new RouteEncapsulation { Kind = RouteEncapsulation.Mpls, Labels = labels, Ttl = ttl };
    }

    private static RouteEncapsulation ReadTunnel(Queue<string> words, ushort kind, ref string? bad)
    {
        var tunnel = new RouteEncapsulation { Kind = kind };
        IpFamily family = kind == RouteEncapsulation.Ip ? IpFamily.V4 : IpFamily.V6;
        while (bad is null && words.TryPeek(out string? word) && word is "id" or "dst" or "src" or "ttl" or "hoplimit" or "tos" or "tc")
        {
            words.Dequeue();
            tunnel = word switch
            {
                "id" => tunnel with { Id = RouteNumbers.Number(words, null, ref bad, word) },
                "dst" => tunnel with { Destination = RouteNumbers.Address(words, ref bad, word) },
                "src" => tunnel with { Source = RouteNumbers.Address(words, ref bad, word) },
                "tos" or "tc" => tunnel with { Tos = Octet(words, ref bad, word) },
                _ => tunnel with { Ttl = Octet(words, ref bad, word) },
            };
        }

        if ((!tunnel.Destination.IsNone && tunnel.Destination.Family != family) || (!tunnel.Source.IsNone && tunnel.Source.Family != family)) bad ??= "encap address of another family";
        return tunnel;
    }

    private static byte Octet(Queue<string> words, ref string? bad, string keyword)
    {
        uint number = RouteNumbers.Number(words, null, ref bad, keyword);
        if (number <= byte.MaxValue) return (byte)number;
        bad = keyword;
        return 0;
    }
}
