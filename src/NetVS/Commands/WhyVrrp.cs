using System.Globalization;
using System.Text;
using NetVS.Api.Client;
using NetVS.Api.Contract;

namespace NetVS.Commands;

/// <summary><c>netvs why vrrp</c>: why an instance is master, or is not.</summary>
internal static class WhyVrrp
{
    /// <summary>Asks the daemon and prints the answer.</summary>
    public static async Task<int> AskAsync(string instance, ApiClient client)
    {
        ApiAnswer<VrrpReport> answer = await client.GetAsync("v1/vrrp", ApiJson.Default.VrrpReport);
        if (!answer.IsOk) return ClientCommand.Fail(answer.Problem);
        if (answer.Value.Instances.FirstOrDefault(i => i.Name == instance) is not { } found)
        {
            string known = answer.Value.Instances.Length == 0 ? "there is none" : $"there are {string.Join(", ", answer.Value.Instances.Select(i => i.Name))}";
            return ClientCommand.Fail($"there is no vrrp_instance {instance}: {known}", 1);
        }

        Console.Write(Format(found));
        return 0;
    }

    /// <summary>The answer for people.</summary>
    internal static string Format(VrrpInstanceReport v)
    {
        var text = new StringBuilder();
        Line(text, $"{v.Name}: {v.State} for {v.SecondsInState:0.0} s, virtual_router_id {v.RouterId} on {v.Interface}, VRRPv{v.Version}{(v.Group is { } g ? $", group {g}" : "")}");
        Line(text, $"  because {v.Explanation}");
        Line(text, $"  priority {Sum(v)}");
        foreach (VrrpPriorityPartReport part in v.PriorityParts)
            Line(text, $"    {part.Name} is {part.State}, weight {part.Weight}: {(part.Fault ? "FAULT" : part.Contribution == 0 ? "adds nothing" : $"adds {part.Contribution:+0;-0}")}");
        if (v.Master is not null) Line(text, $"  master {(v.State == "MASTER" ? $"this router, {v.Master}" : v.Master)}, priority {v.MasterPriority}");
        Line(text, $"  addresses {(v.Addresses.Length == 0 ? "none" : string.Join(", ", v.Addresses))}");
        if (v.OtherMaster is { } other)
            Line(text, $"  two masters: {other.Adverts} adverts of {other.Address} while {v.Source} was master, the last {other.SecondsSinceLast:0.0} s ago: one of them does not hear the other");
        if (v.LateAdverts > 0)
            Line(text, $"  {v.LateAdverts} adverts left more than a tenth of advert_int ({v.AdvertIntervalSeconds} s) late, the latest by {v.LongestDelayMilliseconds:0.0} ms: the machine has too much to do");
        Line(text, $"  adverts sent {v.Counters["adverts_sent"]}, received {v.Counters["adverts_received"]}; became master {v.Counters["became_master"]}, released {v.Counters["released_master"]}");
        foreach ((string reason, long count) in v.Refused) Line(text, $"  refused {count} adverts: {reason}");
        return text.ToString();
    }

    // The clamp of the sum is part of the answer: 254 may be 300.
    private static string Sum(VrrpInstanceReport v)
    {
        if (v.BasePriority == 255) return $"{v.Priority}: it owns its addresses, and nothing is added";
        int total = v.BasePriority + v.PriorityParts.Sum(p => p.Contribution);
        string sum = $"{v.Priority} = {v.BasePriority}{string.Concat(v.PriorityParts.Where(p => p.Contribution != 0).Select(p => $" {(p.Contribution < 0 ? '-' : '+')} {Math.Abs(p.Contribution)} ({p.Name})"))}";
        return total == v.Priority ? sum : $"{sum}, which would be {total}: 1 to 254 are possible";
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
