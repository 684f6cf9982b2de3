using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Rules;

namespace NetVS.Keepalived.Keywords;

/// <summary>NetVS's own keywords of virtual_server: one for each option of a service that IPVS has not.</summary>
internal static class ServiceOptionKeywords
{
    /// <summary>Adds them to a table.</summary>
    public static KeywordTable<VirtualServer> Add(KeywordTable<VirtualServer> table)
    {
        table.Support(KeywordSupport.Applied);
        foreach (ServiceOptionSpec option in ServiceOptionTable.All) table.On(option.Keyword, (reader, statement, v) => Read(option, reader, statement, v));
        return table.Support(KeywordSupport.Unknown);
    }

    private static VirtualServer Read(ServiceOptionSpec option, BlockReader reader, Statement statement, VirtualServer v)
    {
        if (option.IsSwitch && statement[1] is null) return v with { Options = option.Read(v.Options, ServiceOptionSpec.On)! };
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (option.Read(v.Options, word.Text) is { } options) return v with { Options = options };
        reader.Error(word, v, $"{option.Keyword} '%v' invalid - ignoring", $"write {option.Expected}");
        return v;
    }
}
